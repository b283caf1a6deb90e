from tests.fixtures.shop import shop, vendors

__all__ = ["shop", "vendors"]
