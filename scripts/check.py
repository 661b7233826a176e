"""The command `check`: the data doctor."""

from scripts.options import Options, project_command

HELP = """Say how every file was understood, and what is wrong with it, line by line.

检查每个文件怎么读、哪一行哪一列有问题、怎么改。

Example: patrolmap check my-town
"""


@project_command("check", help_text=HELP)
def COMMAND(options: Options) -> None:
    """Print the examination; exit 1 when the data has errors."""
