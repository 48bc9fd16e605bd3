"""As `mime.transfer`, where it stands now."""

from attachwatch.mime.transfer import Decoder, decoder

__all__ = ["Decoder", "decoder"]
