"""`sandbox fault …` and `sandbox clock …`: break what the vendors do, and move their time."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox.control.client import Control, ControlError
from sandbox.place import Place

Verb = Callable[[Control, argparse.Namespace], Any]


def add_verbs(verbs: Any) -> None:
    fault = verbs.add_parser("fault", help="break something at a vendor, list it, lift it").add_subparsers(
        required=True
    )
    _verb(
        fault, "kinds", lambda control, _: control.fault_kinds(), "which faults there are, for all vendors and for each"
    )
    _verb(fault, "list", lambda control, _: [vars(one) for one in control.faults()], "faults in force")
    _verb(fault, "log", lambda control, _: control.injections(), "each injection so far")
    _add_fault(_verb(fault, "add", _add, "from now on, calls like these go wrong"))
    _verb(fault, "lift", _lift, "end one fault, or all").add_argument("id", help="of `fault list`, or all")
    clock = verbs.add_parser("clock", help="the vendors' common time").add_subparsers(required=True)
    _verb(clock, "show", lambda control, _: control.now().isoformat(), "what time it is there")
    _verb(clock, "reset", lambda control, _: control.reset_clock().isoformat(), "back to the time of this machine")
    advance = _verb(clock, "advance", _advance, "let time pass: renewals, expiries, retries")
    advance.add_argument("amount", type=_span, help="a number and d, h, m or s: 31d, 90m")


def _verb(verbs: Any, name: str, run: Verb, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text)
    parser.set_defaults(run=lambda options: _at_control(run, options))
    return parser


def _add_fault(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("vendor", help="stripe, resend, cloudflare, dns, aws or edge")
    parser.add_argument("operation", help="a pattern: 'POST /v1/refunds', 'webhook:invoice.*', '*'")
    parser.add_argument("kind", help="see `fault kinds`")
    parser.add_argument("--times", type=int, help="how often (default: until lifted)")
    parser.add_argument("--probability", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0, help="of the dice that decide by probability")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a delay or a Retry-After")
    parser.add_argument("--status", type=int, default=500)
    parser.add_argument("--code", default="internal_error")
    parser.add_argument("--message", default="injected fault")
    parser.add_argument("--detail", type=_object, default={}, help="what a kind asks for: '{\"times\": 3}'")


_OPTIONS = ("times", "probability", "seed", "seconds", "status", "code", "message", "detail")


def _add(control: Control, options: argparse.Namespace) -> Any:
    wanted = {name: getattr(options, name) for name in _OPTIONS}
    return vars(control.add_fault(options.vendor, options.operation, options.kind, **wanted))


def _lift(control: Control, options: argparse.Namespace) -> Any:
    if options.id == "all":
        control.lift_all_faults()
    elif not control.lift_fault(options.id):
        raise ControlError(f"there is no fault {options.id}; see `fault list`")
    return {"lifted": options.id}


def _advance(control: Control, options: argparse.Namespace) -> Any:
    return control.advance(options.amount).isoformat()


def _span(text: str) -> timedelta:
    units = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    if text[-1:] not in units or not text[:-1].isdigit():
        raise argparse.ArgumentTypeError("a number and d, h, m or s, for example 31d")
    return timedelta(**{units[text[-1]]: int(text[:-1])})


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError('a JSON object, for example {"times": 3}')
    return found


def _at_control(run: Verb, options: argparse.Namespace) -> int:
    if not (options.folder / "secrets.json").exists():
        sys.stderr.write(f"There is no sandbox in {options.folder}: start one with `make demo`.\n")
        return 1
    place = Place.open(options.folder)
    try:
        with Control(place.vendors_url, place.secrets["control_token"]) as control:
            answer = run(control, options)
    except ControlError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(answer, indent=1, ensure_ascii=False) + "\n")
    return 0
