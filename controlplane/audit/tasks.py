from controlplane.audit import sealing
from controlplane.gateways import Gateways


def seal(gateways: Gateways) -> None:
    while sealing.seal(gateways) >= sealing.BATCH:
        continue
