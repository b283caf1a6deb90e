"""The picture of an operation's resources: what stands in which box, how bad it is, and where the boxes are."""

import itertools

from controlplane.web.graph import ACROSS, WIDTH, Event, drawn, layered

SITE = "urn:pulumi:t::site::"
MAIL = "creator:aws:Mail"


def event(kind: str, name: str, *, said: str = "res_outputs_event", op: str = "create", planned: bool = False) -> Event:
    return Event(f"{SITE}{kind}::{name}", op, said, is_plan=planned)


class TestComponents:
    def test_resources_stand_in_the_box_of_their_component(self) -> None:
        picture = drawn([event(f"{MAIL}$aws:ses/identity:Identity", "sender"), event("aws:s3/bucket:Bucket", "files")])
        assert picture
        found = {box.component.label: [row[0] for row in box.component.resources] for box in picture.boxes}
        assert found == {"site": ["files"], "Mail": ["sender"]}
        assert len(picture.lines) == 1

    def test_the_worst_resource_counts_and_the_finished_ones_are_counted(self) -> None:
        inside = f"{MAIL}$aws:ses/identity:Identity"
        events = [event(inside, "a"), event(inside, "b", said="resource_pre_event"), event(inside, "c", op="same")]
        for more, state in (((), "now"), ((event(inside, "d", said="res_op_failed_event"),), "failed")):
            picture = drawn([*events, *more])
            assert picture
            assert [(box.component.state, box.component.done) for box in picture.boxes] == [(state, 2)]

    def test_what_a_preview_said_is_still_to_be_done(self) -> None:
        picture = drawn([event("aws:s3/bucket:Bucket", "files", planned=True)])
        assert picture
        assert picture.boxes[0].component.state == "next"

    def test_components_and_the_stack_itself_are_no_resources(self) -> None:
        assert drawn([event(MAIL, "mail"), event("pulumi:pulumi:Stack", "site-t")]) is None


class TestPlaces:
    def test_boxes_never_overlap_and_a_wide_layer_takes_more_rows(self) -> None:
        events = [event(f"creator:aws:Part{n}$aws:s3/bucket:Bucket", "x") for n in range(ACROSS * 2 + 1)]
        picture = drawn([event("aws:s3/bucket:Bucket", "root"), *events])
        assert picture
        places = {(box.x, box.y) for box in picture.boxes}
        assert len(places) == ACROSS * 2 + 2
        rows: dict[float, list[float]] = {}
        for x, y in sorted(places):
            rows.setdefault(y, []).append(x)
        assert all(b - a >= WIDTH for row in rows.values() for a, b in itertools.pairwise(row))
        assert max(x for x, _y in places) + WIDTH <= picture.width

    def test_a_box_stands_near_to_what_it_hangs_on(self) -> None:
        edges = frozenset({("a", "y"), ("b", "x")})
        assert layered(["a", "b", "x", "y"], edges) in ([["a", "b"], ["y", "x"]], [["b", "a"], ["x", "y"]])

    def test_the_longest_way_says_the_layer(self) -> None:
        edges = frozenset({("a", "b"), ("b", "c"), ("a", "c")})
        assert layered(["a", "b", "c"], edges) == [["a"], ["b"], ["c"]]
