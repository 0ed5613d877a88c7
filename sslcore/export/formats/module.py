"""One readable Python file and its weights; needs torch and nothing else.

The file holds the network and its normalisation, as plain as they are here: to read, to change, to
put into another project.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export import resnet, standalone, weights
from sslcore.export.excerpt import excerpt
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.export.writing import ExportError
from sslcore.nets.backbones import SMALL_IMAGE, ConvNet, SmallResNet
from sslcore.nets.group_norm import without_batch_norm
from sslcore.nets.vit import Block, VisionTransformer

MAIN, WEIGHTS = "encoder.py", "encoder.pt"
_DEPTHS = {
    "resnet18": (resnet.BasicBlock, (2, 2, 2, 2)),
    "resnet34": (resnet.BasicBlock, (3, 4, 6, 3)),
    "resnet50": (resnet.Bottleneck, (3, 4, 6, 3)),
}


def _network(source: Source) -> tuple[list[object], str]:
    """Classes of the network, and the call that builds it.

    Raises:
        ExportError: if there is no source of it here.
    """
    network, channels = source.encoder.backbone, source.encoder.channels
    width = source.opened.recipe.backbone.width
    if source.backbone in _DEPTHS:
        block, depths = _DEPTHS[source.backbone]
        small = source.size < SMALL_IMAGE
        call = f"ResNet({block.__name__}, {depths}, channels={channels}, small={small})"
        return [block, resnet.ResNet], call
    match network:
        case ConvNet() | SmallResNet():
            return [type(network)], f"{type(network).__name__}({channels}, width={width})"
        case VisionTransformer():
            first = network.blocks[0]
            assert isinstance(first, Block)
            call = (
                "VisionTransformer(\n"
                f"        channels={channels},\n"
                f"        image_size={source.size},\n"
                f"        dimensions={network.dimensions},\n"
                f"        depth={len(network.blocks)},\n"
                f"        count={first.attn.heads},\n"
                "    )"
            )
            return [VisionTransformer], call
        case _:
            raise ExportError(
                f"{source.backbone}: a network of another library, whose source is not copied; "
                "take timm or onnx"
            )


def _unfit(source: Source) -> str:
    try:
        _network(source)
        standalone.kind_of(source.encoder)
    except ValueError as error:
        return str(error)
    return ""


def _text(source: Source) -> str:
    wanted, call = _network(source)
    kind = standalone.kind_of(source.encoder)
    if source.backbone in _DEPTHS and weights.without_batch_norm(source):
        wanted.append(without_batch_norm)
        call = f"without_batch_norm({call})"
    about = (
        f"{source.backbone} trained by {source.card.title}: images to {source.encoder.dimensions} "
        "numbers."
    )
    channels, size = source.encoder.channels, source.size
    return _FILE.format(
        about=about,
        shape=f"(B, {channels}, {size}, {size})",
        dimensions=source.encoder.dimensions,
        run=source.name,
        step=source.step,
        source=excerpt([*wanted, kind], also=_LOADING),
        kind=kind.__name__,
        call=call,
        channels=channels,
    )


_LOADING = {("pathlib", "Path", "Path"), ("torch", "", "torch")}
_FILE = '''"""{about} Needs only torch.

    from encoder import load

    encoder = load()            # weights lie beside this file, in encoder.pt
    features = encoder(images)  # {shape} from 0 to 1 -> (B, {dimensions})

Written by SSL Workbench from the run "{run}", step {step}.
"""

from __future__ import annotations

{source}


def build() -> {kind}:
    """The network with fresh weights."""
    backbone = {call}
    return {kind}(backbone, channels={channels})


def load(weights: str | Path | None = None) -> {kind}:
    """The trained encoder on the CPU, in evaluation mode.

    Args:
        weights: its file; the one beside this module unless given.
    """
    encoder = build()
    file = Path(__file__).with_suffix(".pt") if weights is None else Path(weights)
    encoder.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return encoder.eval()
'''


def _make(source: Source, _: Watch) -> Files:
    state = source.portable.state_dict()
    return {MAIN: _text(source).encode(), WEIGHTS: weights.saved(state)}


def _outputs(folder: Path, _: Source, images: Tensor) -> Tensor:
    spec = importlib.util.spec_from_file_location("exported_encoder", folder / MAIN)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load()(images)


def _usage(_: Source) -> str:
    return "from encoder import load\n\nencoder = load()\nfeatures = encoder(images)"


FORMAT = Format(
    "Python module",
    main=MAIN,
    make=_make,
    order=20,
    unfit=_unfit,
    usage=_usage,
    outputs=_outputs,
)
