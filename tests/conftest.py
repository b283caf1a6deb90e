pytest_plugins = (
    "tests.fixtures.servers",
    "tests.fixtures.http",
    "tests.fixtures.product",
    "tests.fixtures.shop",
    "tests.fixtures.world",
)
