from controlplane.audit import anchors, sealing
from controlplane.gateways import Gateways


def seal(gateways: Gateways) -> None:
    while sealing.seal(gateways) >= sealing.BATCH:
        continue


def anchor(gateways: Gateways) -> None:
    anchors.anchor(gateways)
