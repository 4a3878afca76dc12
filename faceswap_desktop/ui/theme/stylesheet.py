"""The one stylesheet of the application, made from tokens.

Widgets say what they are by a dynamic property ``role`` (see ``widgets/roles.py``) and never carry a
stylesheet of their own: such a widget would keep the old colours when the theme changes.
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from faceswap_desktop.ui.theme.tokens import BODY_PX, CONTROL_HEIGHT, GRID, RADIUS, SMALL_PX, TITLE_PX, Tokens

# One pixel of border is always there, so that a focus ring changes no size.
_TEXT = """
* { outline: none; }
QLabel { background: transparent; border: none; }
QLabel[role="title"] { font-size: ${title_px}px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="section"] { font-weight: 600; color: $text; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { font-size: ${small_px}px; color: $muted; }
QLabel[role="danger"] { color: $danger; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="success"] { color: $success; }
QLabel[role="keys"] { font-size: ${small_px}px; color: $text; background: $hover; border: 1px solid $border;
    border-radius: 4px; padding: 1px 6px; }
QLabel:disabled { color: $disabled; }
QToolTip { color: $text; background: $surface; border: 1px solid $outline; padding: 4px 6px; }
"""

_GROUNDS = """
QMainWindow, QDialog { background: $window; }
QFrame[role="panel"] { background: $window; border: none; }
QFrame[role="card"] { background: $surface; border: 1px solid $border; border-radius: ${radius}px; }
QFrame[role="popup"] { background: $surface; border: 1px solid $outline; border-radius: ${radius}px; }
QFrame[role="canvas"], QWidget[role="canvas"], QAbstractScrollArea[role="canvas"] { background: $canvas; }
QFrame[role="line"] { background: $border; border: none; }
QFrame[role="rail"] { background: $rail; border: none; border-right: 1px solid $border; }
QFrame[role="strip"] { background: $window; border: none; border-top: 1px solid $border; }
QScrollArea { background: transparent; border: none; }
QScrollArea#help-shortcuts, QScrollArea#verify-report { border: ${ring}px solid transparent;
    border-radius: ${radius}px; }
QScrollArea#help-shortcuts:focus, QScrollArea#verify-report:focus { border-color: $focus; }
QScrollArea > QWidget > QWidget[role="page"] { background: transparent; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover, QSplitter::handle:pressed { background: $focus; }
"""

_BUTTONS = """
QPushButton { min-height: ${inner}px; padding: 0 14px; border: 1px solid $outline; border-radius: ${radius}px;
    background: $surface; color: $text; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: ${ring}px solid $focus; padding: 0 ${padding}px; min-height: ${ringed}px; }
QPushButton:disabled { color: $disabled; border-color: $border; background: $window; }
QPushButton:checked { background: $pressed; }
QPushButton[role="primary"] { background: $accent; border-color: $accent; color: $on_accent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[role="primary"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[role="primary"]:focus { border: ${ring}px solid $text; }
QPushButton[role="primary"]:disabled { background: $hover; border-color: $hover; color: $disabled; }
QPushButton[role="danger"] { color: $danger; }
QPushButton[role="panic"] { min-height: ${tall}px; font-weight: 600; }
QPushButton[role="panic"]:focus { min-height: ${tall_ringed}px; }
QPushButton[role="panic"]:checked { border-color: $danger; }
QPushButton[role="link"] { border-color: transparent; background: transparent; color: $accent_text; padding: 0 8px; }
QPushButton[role="link"]:hover { background: $hover; }
QPushButton[role="link"]:focus { border: ${ring}px solid $focus; padding: 0 ${link_padding}px; }
QPushButton[role="link"]:disabled { color: $disabled; }
QToolButton { border: 1px solid transparent; border-radius: ${radius}px; background: transparent; color: $text;
    padding: 5px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border: ${ring}px solid $focus; padding: ${icon_padding}px; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="rail"] { border-radius: 0; border: 1px solid transparent; border-left: 3px solid transparent;
    padding: 6px 1px 6px 0; font-size: ${small_px}px; color: $muted; }
QToolButton[role="rail"]:hover { color: $text; }
QToolButton[role="rail"]:checked { color: $text; background: $window; border-left: 3px solid $accent_text; }
QToolButton[role="rail"]:focus { border: ${ring}px solid $focus; padding: ${rail_padding}; }
QToolButton[role="segment"] { border: 1px solid $outline; background: $surface; padding: 0 10px;
    min-height: ${inner}px; border-radius: ${radius}px; }
QToolButton[role="segment"]:hover { background: $hover; }
QToolButton[role="segment"]:checked { background: $pressed; border-color: $text; }
QToolButton[role="segment"]:focus { border: ${ring}px solid $focus; padding: 0 ${segment_padding}px;
    min-height: ${ringed}px; }
"""

_INPUTS = """
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: $surface; color: $text;
    border: 1px solid $outline; border-radius: ${radius}px; padding: 0 8px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QComboBox { min-height: ${inner}px; }
QLineEdit:focus, QComboBox:focus { border: ${ring}px solid $focus; padding: 0 ${input_padding}px;
    min-height: ${ringed}px; }
QAbstractSpinBox { min-height: ${spin}px; }
QAbstractSpinBox:focus { border: ${ring}px solid $focus; min-height: ${spin_ringed}px; }
QPlainTextEdit, QTextEdit { padding: 6px; }
QPlainTextEdit:focus, QTextEdit:focus { border: ${ring}px solid $focus; padding: ${text_padding}px; }
QTextEdit[role="small"], QTextEdit[role="small"]:focus { background: transparent; color: $muted; padding: 0;
    border: ${ring}px solid transparent; font-size: ${small_px}px; }
QTextEdit[role="small"]:focus { border-color: $focus; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $disabled; border-color: $border;
    background: $window; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit, QComboBox QLineEdit:focus,
QLineEdit[role="bare"], QLineEdit[role="bare"]:focus { min-height: 0; border: none;
    background: transparent; padding: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$pictures/chevron-down-$name.svg"); width: 16px; height: 16px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $outline; padding: 4px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 20px; background: transparent; }
QAbstractSpinBox[role="figure"]::up-button, QAbstractSpinBox[role="figure"]::down-button { width: 0; }
QAbstractSpinBox::up-arrow { image: url("$pictures/chevron-up-$name.svg"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("$pictures/chevron-down-$name.svg"); width: 12px; height: 12px; }
QAbstractSpinBox[role="figure"]::up-arrow, QAbstractSpinBox[role="figure"]::down-arrow { image: none; width: 0; }
QCheckBox, QRadioButton { spacing: 8px; min-height: 24px; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; border: 1px solid $outline;
    background: $surface; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { background: $hover; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
    image: url("$pictures/check-$name.svg"); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent;
    image: url("$pictures/dot-$name.svg"); }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: ${ring}px solid $focus; }
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus { border: ${ring}px solid $text; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $border; background: $window; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled { background: $disabled;
    border-color: $disabled; }
QSlider { min-height: 24px; background: transparent; border: 1px solid transparent; border-radius: 4px; }
QSlider:focus { border: ${ring}px solid $focus; }
QSlider::groove:horizontal { height: 4px; background: $pressed; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::add-page:horizontal { background: $border; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: $surface;
    border: 1px solid $text; }
QSlider::handle:horizontal:hover { background: $hover; }
QSlider::sub-page:horizontal:disabled { background: $disabled; }
QSlider::handle:horizontal:disabled { border-color: $disabled; background: $window; }
QProgressBar { border: none; border-radius: 2px; background: $border; min-height: 4px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
"""

_LISTS = """
QAbstractItemView { background: $surface; color: $text; border: 1px solid $border; border-radius: ${radius}px;
    selection-background-color: $pressed; selection-color: $text; alternate-background-color: $window; }
QAbstractItemView:focus { border: ${ring}px solid $focus; }
QAbstractItemView[role="canvas"] { background: $canvas; }
QListView[role="plain"], QTreeView[role="plain"] { background: transparent; border: 1px solid transparent; }
QListView[role="plain"]:focus, QTreeView[role="plain"]:focus { border: 1px solid transparent; }
QListView::item { padding: 4px 7px; min-height: 24px; border: 1px solid transparent; border-radius: 4px; }
QListView::item:focus { border: ${ring}px solid $focus; padding: ${item_padding}; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $pressed; color: $text; }
QTreeView::item { min-height: 28px; padding: 0 8px; }
QHeaderView::section { background: $window; color: $muted; border: none; border-bottom: 1px solid $border;
    padding: 6px 8px; font-size: ${small_px}px; }
QGraphicsView { background: $canvas; border: 1px solid transparent; border-radius: 0; }
QGraphicsView:focus { border: ${ring}px solid $focus; }
QMenuBar { background: $window; border-bottom: 1px solid $border; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $pressed; }
QMenu { background: $surface; border: 1px solid $outline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; border: 1px solid transparent; }
QMenu::item:selected { background: $hover; color: $text; border-color: $selected_line; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::icon { padding-left: 6px; }
QMenu::indicator { width: 16px; height: 16px; padding-left: 6px; }
QMenu::indicator:checked { image: url("$pictures/tick-$name.svg"); }
QTabBar::tab { padding: 6px 12px; border: none; border-bottom: 2px solid transparent; color: $muted; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent_text; }
QTabBar::tab:focus { border: ${ring}px solid $focus; }
QTabWidget::pane { border: none; border-top: 1px solid $border; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $outline; border-radius: 3px; margin: 3px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
"""


def stylesheet_of(tokens: Tokens, pictures: str) -> str:
    """Write the stylesheet.

    Args:
        tokens: The theme.
        pictures: Folder with the pictures of check marks and arrows, one per theme, with forward slashes.
    """
    thicker = tokens.focus_width - 1
    values = asdict(tokens) | {
        "pictures": pictures,
        "title_px": TITLE_PX,
        "small_px": SMALL_PX,
        "body_px": BODY_PX,
        "radius": RADIUS,
        "inner": CONTROL_HEIGHT - 2,
        "ring": tokens.focus_width,
        "tall": CONTROL_HEIGHT + GRID - 2,
        "tall_ringed": CONTROL_HEIGHT + GRID - 2 - 2 * thicker,
        # What the ring takes, the padding gives back.
        "ringed": CONTROL_HEIGHT - 2 - 2 * thicker,
        # Fusion adds two pixels to the height of a spin box.
        "spin": CONTROL_HEIGHT - 4,
        "spin_ringed": CONTROL_HEIGHT - 4 - 2 * thicker,
        "padding": 14 - thicker,
        "link_padding": 8 - thicker,
        "segment_padding": 10 - thicker,
        "input_padding": 8 - thicker,
        "text_padding": 6 - thicker,
        "icon_padding": 5 - thicker,
        "item_padding": f"{4 - thicker}px {7 - thicker}px",
        "rail_padding": f"{6 - thicker}px {max(0, 1 - thicker)}px {6 - thicker}px {max(0, 3 - tokens.focus_width)}px",
        # Greys of hover are hard to see in high contrast: a line says where one is.
        "selected_line": tokens.focus if tokens.name == "contrast" else tokens.hover,
    }
    return Template(_TEXT + _GROUNDS + _BUTTONS + _INPUTS + _LISTS).substitute(values)
