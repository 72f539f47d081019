"""Build the network of `logo-vit`: convolutions make tokens, a vision transformer reads them.

With some ten thousand labelled logos a transformer needs the first layers of a trained network
(Hassani et al., 2021, arXiv 2104.05704; Xiao et al., 2021, arXiv 2106.14881). So the first eleven
blocks of an EfficientNet-Lite0 that knows logos are its patch embedding. They stay as they are: a
backward pass through them would cost more than the transformer does, there and back.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from logo_classifier.values import LogoType, Trait

ARCHITECTURE = "logo-vit"
WIDTH, DEPTH, HEADS, WIDENING = 192, 4, 6, 2
"""Channels of a token, blocks, heads, and the inner width of a block as a multiple of a token's."""

_LOGITS = len(LogoType) + len(Trait)
_FIXED_BLOCKS, _CHANNELS = 11, 112
_DROPOUT = 0.1
_PAIRS = (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))


class LogoVit(nn.Module):
    """A vision transformer on the first blocks of an EfficientNet-Lite0, which it takes over.

    The side of its input is a multiple of 32 px; a token stands for 16 x 16 px.
    """

    def __init__(self, lite: nn.Module) -> None:
        super().__init__()
        blocks = list(lite.get_submodule("_blocks").children())
        first = _folded(lite, (("_conv_stem", "_bn0"),))
        fixed = (_folded(block, _PAIRS) for block in blocks[:_FIXED_BLOCKS])
        self.fixed = nn.Sequential(first.get_submodule("_conv_stem"), nn.ReLU6(), *fixed)
        self.fixed.requires_grad_(requires_grad=False)
        self.embedding = nn.Conv2d(_CHANNELS, WIDTH, 1)
        # Positions come of a convolution with a margin of zeros, for any side (Chu et al., 2021,
        # arXiv 2102.10882).
        self.position = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH)
        self.pool = nn.Linear(WIDTH, 1)
        self.head = nn.Linear(WIDTH, _LOGITS)
        self.doubt = nn.Sequential(nn.Linear(WIDTH + _LOGITS, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits (n, 8) of scaled pixels (n, 3, h, w): types, traits, uncertainty."""
        return self.read(self.fixed(pixels))

    def read(self, features: Tensor) -> Tensor:
        """Return the logits (n, 8) of what the fixed blocks give, (n, 112, h / 16, w / 16)."""
        grid = self.embedding(features)
        grid = grid + self.position(grid)
        tokens = self.norm(self.blocks(grid.flatten(2).transpose(1, 2)))
        # Sequence pooling (Hassani et al., 2021, section 3.2).
        pooled = (self.pool(tokens).softmax(dim=1) * tokens).sum(dim=1)
        logits = self.head(pooled)
        # What doubts an answer must not change it.
        seen = torch.cat([pooled.detach(), logits.detach()], dim=1)
        return torch.cat([logits, self.doubt(seen)], dim=1)


def rest_of(lite: nn.Module) -> nn.Module:
    """Return what an EfficientNet-Lite0 does after those blocks: features to logits (n, 7)."""
    names = ("_conv_head", "_bn1", "_swish", "_avg_pooling")
    blocks = list(lite.get_submodule("_blocks").children())[_FIXED_BLOCKS:]
    last = [lite.get_submodule(name) for name in names]
    return nn.Sequential(*blocks, *last, nn.Flatten(), lite.get_submodule("_fc")).eval()


class Block(nn.Module):
    """A pre-norm transformer block on tokens (n, tokens, width)."""

    def __init__(self) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.queries_keys_values = nn.Linear(WIDTH, 3 * WIDTH)
        self.projection = nn.Linear(WIDTH, WIDTH)
        self.widen = nn.Linear(WIDTH, WIDENING * WIDTH)
        self.narrow = nn.Linear(WIDENING * WIDTH, WIDTH)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens of the same shape."""
        tokens = tokens + self.dropout(self.attend(self.first_norm(tokens)))
        inner = functional.gelu(self.widen(self.second_norm(tokens)))
        read: Tensor = tokens + self.dropout(self.narrow(inner))
        return read

    def attend(self, tokens: Tensor) -> Tensor:
        """Return what each token takes from all others (Vaswani et al., 2017)."""
        parts = self.queries_keys_values(tokens).unflatten(2, (3, HEADS, WIDTH // HEADS))
        queries, keys, values = parts.permute(2, 0, 3, 1, 4).unbind(0)
        taken = functional.scaled_dot_product_attention(queries, keys, values)
        attended: Tensor = self.projection(taken.transpose(1, 2).flatten(2))
        return attended


def _folded(module: nn.Module, pairs: tuple[tuple[str, str], ...]) -> nn.Module:
    """Fold batch normalisations into the convolutions before them, where there are some."""
    module.eval()
    for first, second in pairs:
        if hasattr(module, first):
            convolution, norm = module.get_submodule(first), module.get_submodule(second)
            assert isinstance(convolution, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            setattr(module, first, fuse_conv_bn_eval(convolution, norm))
            setattr(module, second, nn.Identity())
    return module
