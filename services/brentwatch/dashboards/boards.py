"""The boards by name, and the files that they stand in."""

from brentwatch.dashboards.board import Board
from brentwatch.dashboards.calibration import CALIBRATION
from brentwatch.dashboards.desk import DESK
from brentwatch.dashboards.health import HEALTH

BOARDS: dict[str, Board] = {board.name: board for board in (DESK, HEALTH, CALIBRATION)}
