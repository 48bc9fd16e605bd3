"""As `mime.names`, where it stands now."""

from attachwatch.mime.names import file_name, from_field

__all__ = ["file_name", "from_field"]
