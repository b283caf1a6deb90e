"""One example of every AWS resource type."""

from tests.contract.plugins.examples.compute import COMPUTE
from tests.contract.plugins.examples.flow import COMPANY, FLOW
from tests.contract.plugins.examples.identity import IDENTITY, PEOPLE
from tests.contract.plugins.examples.media import MAIL, MEDIA
from tests.contract.plugins.examples.messages import MESSAGES
from tests.contract.plugins.examples.safety import SAFETY
from tests.contract.plugins.examples.storage import DATA, STORAGE
from tests.contract.plugins.examples.web import WEB

EXAMPLES = [*STORAGE, *IDENTITY, *MESSAGES, *DATA, *COMPUTE, *PEOPLE, *WEB, *MEDIA, *MAIL, *SAFETY, *FLOW, *COMPANY]
