import pytest
import stripe

from tests.contract.stripe.shop import Shop


class TestProducts:
    def test_create_update_archive_and_list(self, shop: Shop) -> None:
        product = shop.v1.products.create({"name": "Add-on", "metadata": {"a": "1", "b": "2"}})
        changed = shop.v1.products.update(
            product.id, {"active": False, "description": "x", "metadata": {"a": "", "c": "3"}}
        )
        assert (changed.active, changed.description, changed.metadata.to_dict()) == (False, "x", {"b": "2", "c": "3"})
        assert [p.id for p in shop.v1.products.list({"ids": [product.id], "active": False}).data] == [product.id]
        assert shop.v1.products.list({"ids": [product.id], "active": True}).data == []
        assert shop.types(product.id) == ["product.created", "product.updated"]

    def test_a_chosen_id_is_kept_and_taken_once(self, shop: Shop) -> None:
        id = f"site-{shop.product}"
        assert shop.v1.products.create({"name": "Site", "id": id}).id == id
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.products.create({"name": "Site", "id": id})
        assert refused.value.code == "resource_already_exists"

    def test_one_with_prices_is_not_deleted(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.products.delete(shop.product)
        other = shop.v1.products.create({"name": "Empty"})
        assert shop.v1.products.delete(other.id).deleted
        with pytest.raises(stripe.InvalidRequestError) as gone:
            shop.v1.products.retrieve(other.id)
        assert (gone.value.http_status, gone.value.code) == (404, "resource_missing")


class TestPrices:
    def test_the_amount_can_not_be_changed(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.prices.update(shop.price, {"unit_amount": 1})
        assert (refused.value.code, refused.value.param) == ("parameter_unknown", "unit_amount")

    def test_a_lookup_key_moves_only_when_asked(self, shop: Shop) -> None:
        key = f"key-{shop.product}"
        first = shop.price_of(100, lookup_key=key)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.price_of(200, lookup_key=key)
        assert refused.value.param == "lookup_key"
        second = shop.price_of(200, lookup_key=key, transfer_lookup_key=True)
        assert [price.id for price in shop.v1.prices.list({"lookup_keys": [key]}).data] == [second]
        assert shop.v1.prices.retrieve(first).lookup_key is None

    def test_an_archived_price_can_not_be_bought(self, shop: Shop) -> None:
        shop.v1.prices.update(shop.price, {"active": False})
        assert shop.v1.prices.list({"product": shop.product, "active": True}).data == []
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.session()
        assert refused.value.param == "line_items[0][price]"

    @pytest.mark.parametrize(("mode", "total"), [("graduated", 10 * 100 + 5 * 50 + 7), ("volume", 15 * 50 + 7)])
    def test_tiers_are_shown_when_expanded_and_charged(self, shop: Shop, mode: str, total: int) -> None:
        tiers = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50, "flat_amount": 7}]
        params = {"product": shop.product, "currency": "eur", "recurring": {"interval": "year"}, "tiers": tiers}
        price = shop.v1.prices.create({**params, "billing_scheme": "tiered", "tiers_mode": mode})
        assert "tiers" not in price.to_dict()
        shown = shop.v1.prices.retrieve(price.id, {"expand": ["tiers"]}).tiers
        assert [tier.up_to for tier in shown] == [10, None]
        subscription = shop.subscribe(shop.customer(), items=[{"price": price.id, "quantity": 15}])
        assert shop.v1.invoices.retrieve(subscription.latest_invoice).total == total

    def test_what_is_missing_is_named(self, shop: Shop) -> None:
        for params, param in (
            ({"product": shop.product, "currency": "eur"}, "unit_amount"),
            ({"currency": "eur"}, "product"),
        ):
            with pytest.raises(stripe.InvalidRequestError) as refused:
                shop.v1.prices.create(params)
            assert (refused.value.code, refused.value.param) == ("parameter_missing", param)


class TestCoupons:
    def test_create_update_delete(self, shop: Shop) -> None:
        coupon = shop.v1.coupons.create({"percent_off": 25, "duration": "once", "name": "Start"})
        assert (coupon.valid, coupon.percent_off) == (True, 25.0)
        assert shop.v1.coupons.update(coupon.id, {"name": "New"}).name == "New"
        assert coupon.id in [found.id for found in shop.v1.coupons.list({"limit": 100}).auto_paging_iter()]
        assert shop.v1.coupons.delete(coupon.id).deleted
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.coupons.retrieve(coupon.id)

    @pytest.mark.parametrize(
        "params", [{}, {"percent_off": 10, "amount_off": 5, "currency": "eur"}, {"amount_off": 5}, {"percent_off": 101}]
    )
    def test_half_a_coupon_is_refused(self, shop: Shop, params: dict[str, object]) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.coupons.create(params)

    def test_a_promotion_code_ends_with_its_last_redemption(self, shop: Shop) -> None:
        coupon = shop.v1.coupons.create({"amount_off": 900, "currency": "eur"})
        code = shop.v1.promotion_codes.create(
            {
                "promotion": {"type": "coupon", "coupon": coupon.id},
                "max_redemptions": 1,
                "code": f"ONE{shop.product[5:9]}",
            }
        )
        assert shop.v1.promotion_codes.list({"code": code.code}).data[0].id == code.id
        subscription = shop.subscribe(shop.customer(), discounts=[{"promotion_code": code.id}])
        assert shop.v1.invoices.retrieve(subscription.latest_invoice).total == 2000
        used = shop.v1.promotion_codes.retrieve(code.id)
        assert (used.active, used.times_redeemed) == (False, 1)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.subscribe(shop.customer(), discounts=[{"promotion_code": code.id}])
        assert refused.value.code == "promotion_code_expired"


def test_tax_rates(shop: Shop) -> None:
    rate = shop.v1.tax_rates.create({"display_name": "USt", "percentage": 19, "inclusive": True, "country": "DE"})
    assert shop.v1.tax_rates.update(rate.id, {"active": False}).active is False
    assert rate.id in [found.id for found in shop.v1.tax_rates.list({"active": False, "limit": 100}).data]
    subscription = shop.subscribe(shop.customer(), default_tax_rates=[rate.id])
    invoice = shop.v1.invoices.retrieve(subscription.latest_invoice)
    assert (invoice.total, invoice.total_taxes[0].amount, invoice.total_excluding_tax) == (2900, 463, 2437)
    assert subscription.default_tax_rates[0].percentage == 19.0
