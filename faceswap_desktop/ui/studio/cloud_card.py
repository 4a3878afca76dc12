"""The part of the card that speaks of a service on the internet: needs, where files go, what is done on copies."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.studio.cloud_words import hosts_text, money_text, sentences
from faceswap_desktop.ui.studio.plan import WISH_OF_NEED, CloudPlan, Plan, Wish
from faceswap_desktop.ui.texts import plain_tip, text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.labels import PlainLabel, fitting
from faceswap_desktop.ui.widgets.roles import set_role

_NEED_LINES = 4


class Lines(PlainLabel):
    """Some lines of words, shortened where they do not fit; the tool tip then has all of them."""

    def __init__(self, object_name: str, title: str, lines: int, parent: QWidget) -> None:
        super().__init__("", "small", parent, wraps=True)
        name(self, object_name, title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._title = title
        self._lines = lines
        self._whole = ""

    @property
    def whole(self) -> str:
        """All of the words."""
        return self._whole

    def set_words(self, words: str) -> None:
        """Show other words; nothing is shown for none."""
        self._whole = words
        self.setVisible(bool(words))
        self.setAccessibleName(f"{self._title}: {words}" if words else self._title)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = fitting(self._whole, "", self.fontMetrics(), self.width(), self._lines)
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")


class _NeedRow(QWidget):
    """What has to be set up, and the button that leads there."""

    def __init__(self, wish: Wish, button: str, spoken: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = Lines(f"need-{wish.value}", spoken, _NEED_LINES, self)
        set_role(self.words, "warning")
        self.button = LinkButton(button, f"need-{wish.value}-button", self)
        self.button.setAccessibleName(spoken)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_words(self, words: str, tip: str) -> None:
        """Say what is missing; nothing is shown for nothing."""
        self.setVisible(bool(words))
        self.words.set_words(words)
        self.button.setToolTip(plain_tip(tip))
        self.button.setAccessibleDescription(f"{words} {tip}".strip())


class CloudCard(QWidget):
    """Shown only where a service on the internet would do the work.

    Attributes:
        wanted: A button was pressed (``Wish``).
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._credits: float | None = None
        self._plan = Plan()
        self._where = Lines("preflight-cloud-where", self.tr("What leaves this computer"), 3, self)
        self._stay = Lines("preflight-cloud-stay", self.tr("How long it stays there"), 3, self)
        self._mends = Lines("preflight-cloud-mends", self.tr("What is done on copies"), 4, self)
        self._month = Lines("preflight-cloud-month", self.tr("Spent this month"), 2, self)
        self._needs = self._make_needs()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        for label in (self._where, self._stay, self._mends, self._month):
            column.addWidget(label)
        needs = QVBoxLayout()
        needs.setSpacing(GRID)
        for row in self._needs.values():
            needs.addWidget(row)
        column.addLayout(needs)
        self.hide()

    def show_plan(self, plan: Plan) -> None:
        """Show a plan."""
        self._plan = plan
        cloud = plan.cloud
        self.setVisible(cloud is not None and bool(plan.recipes))
        if cloud is None or not plan.recipes:
            return
        self._where.set_words(self._where_words(cloud))
        self._stay.set_words(self._stay_words(cloud))
        self._mends.set_words(self.tr("On a copy: {what}").format(what=" ".join(cloud.mends)) if cloud.mends else "")
        self._month.set_words(self._month_words(cloud))
        self._show_needs(plan, cloud)

    def set_credits(self, credits: float | None) -> None:
        """Say what is left at the provider; None where that is not known."""
        if credits != self._credits:
            self._credits = credits
            self.show_plan(self._plan)

    def obstacle_words(self, plan: Plan) -> str:
        """Say what has to be set up before anything can run; empty for nothing."""
        needs = plan.cloud.obstacles if plan.cloud is not None and plan.recipes else ()
        return "\n".join(sentences(need.message, need.hint) for need in needs)

    # Inside

    def _make_needs(self) -> dict[Wish, _NeedRow]:
        set_up = self.tr("Set up…")
        words = {
            Wish.ACCOUNT: (set_up, self.tr("Set up the account")),
            Wish.HOSTING: (set_up, self.tr("Set up a place for files")),
            Wish.WEBHOOK: (set_up, self.tr("Set up an address for results")),
            Wish.TERMS: (self.tr("Read…"), self.tr("Read what the provider asks of you")),
            Wish.BUDGET: (self.tr("Change…"), self.tr("Change the monthly cap")),
            Wish.CREDITS: (self.tr("Account…"), self.tr("Show the account")),
        }
        made = {wish: _NeedRow(wish, button, spoken, self) for wish, (button, spoken) in words.items()}
        for wish, row in made.items():
            row.button.clicked.connect(partial(self._on_wish, wish))
        return made

    def _on_wish(self, wish: Wish, _checked: bool = False) -> None:
        self.wanted.emit(wish)

    def _show_needs(self, plan: Plan, cloud: CloudPlan) -> None:
        words = dict.fromkeys(self._needs, ("", ""))
        for need in cloud.needs:
            words[WISH_OF_NEED[need.kind]] = (text_of(need.message), text_of(need.hint))
        if words[Wish.TERMS][0]:
            words[Wish.TERMS] = (self.tr("{provider} has terms to agree to.").format(provider=cloud.title), "")
        if cloud.exceeds_budget:
            words[Wish.BUDGET] = (
                self.tr("It goes beyond the monthly cap, so it will wait."),
                self.tr("The cap is {money} a month. Jobs that wait go on once it is raised.").format(
                    money=money_text(cloud.cap, cloud.unit)
                ),
            )
        if self._credits is not None and not cloud.is_sandbox and plan.credits and self._credits < plan.credits:
            left = self.tr("Only {money} left at {provider}.")
            left = left.format(money=money_text(self._credits, cloud.unit), provider=cloud.title)
            words[Wish.CREDITS] = (left, self.tr("What does not fit waits until there are more."))
        for wish, row in self._needs.items():
            row.show_words(*words[wish])

    def _where_words(self, cloud: CloudPlan) -> str:
        if not cloud.files:
            return self.tr("No file leaves this computer; {provider} fetches it.").format(provider=cloud.title)
        if cloud.is_sandbox:
            one = self.tr("1 file goes to the sandbox on this computer")
            words = one if cloud.files == 1 else self.tr("{n} files go to the sandbox on this computer")
            return words.format(n=cloud.files)
        one = self.tr("1 file leaves this computer, to {hosts}")
        words = one if cloud.files == 1 else self.tr("{n} files leave this computer, to {hosts}")
        return words.format(n=cloud.files, hosts=hosts_text(cloud.hosts))

    def _stay_words(self, cloud: CloudPlan) -> str:
        if cloud.is_sandbox:
            return ""
        if cloud.kept_days == 1:
            words = self.tr("{provider} keeps the result for 1 day.")
        elif cloud.kept_days:
            words = self.tr("{provider} keeps the result for {n} days.")
        else:
            words = self.tr("{provider} does not say how long it keeps them.")
        words = words.format(provider=cloud.title, n=cloud.kept_days)
        if cloud.bucket:
            words += " " + self.tr("Files on {host} are deleted after the job.").format(host=cloud.bucket)
        return words

    def _month_words(self, cloud: CloudPlan) -> str:
        spent = money_text(cloud.month_total, cloud.unit)
        if cloud.is_sandbox:
            return self.tr("Nothing is really spent.")
        if cloud.cap > 0:
            cap = money_text(cloud.cap, cloud.unit)
            return self.tr("This month: {spent} of {cap}").format(spent=f"{round(cloud.month_total, 2):,g}", cap=cap)
        return self.tr("This month: {spent}").format(spent=spent) if cloud.month_total else ""
