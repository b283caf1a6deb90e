pytest_plugins = ("tests.fixtures.servers", "tests.fixtures.product", "tests.fixtures.world", "tests.fixtures.http")
