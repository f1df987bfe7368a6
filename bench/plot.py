"""Plots as plain SVG: a page, and on it panels with axes, lines and marks. What is drawn on them is for scale.py and encoders.py to say."""
import math

COLOURS = ["#1b6ca8", "#c0392b", "#1e8449", "#7d3c98", "#b9770e", "#117a65", "#5d6d7e", "#d35400", "#2e4053", "#a93226", "#0e6655", "#6e2c00"]


def page(path, width, height, title, parts):
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img">',
           f"<title>{title}</title>", f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out + parts + ["</svg>", ""]))


def text(x, y, what, anchor="start", colour="#444444", size=None):
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    large = f' font-size="{size}"' if size else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{where}{large} fill="{colour}">{what}</text>'


class Panel:
    """Two axes, each (least, most, whether logarithmic), in a box of (left, top, right, bottom) pixels; `parts` is what was drawn."""

    def __init__(self, box, x, y, title):
        self.left, self.top, self.right, self.bottom = box
        self.x, self.y = x, y
        self.parts = [text(self.left, self.top - 22, title, colour="#222222", size=15)]

    @staticmethod
    def share(axis, value):
        least, most, log = axis
        if log:
            least, most, value = math.log10(least), math.log10(most), math.log10(value)
        return (value - least) / max(most - least, 1e-9)

    def place(self, x, y):
        return (self.left + self.share(self.x, x) * (self.right - self.left),
                self.bottom - self.share(self.y, y) * (self.bottom - self.top))

    def across(self, value, label):
        """A line across at a value of y."""
        _, y = self.place(self.x[0], value)
        self.parts += [f'<line x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>',
                       text(self.left - 8, y + 4, label, "end")]

    def up(self, value, label):
        """A line up at a value of x."""
        x, _ = self.place(value, self.y[0])
        self.parts += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" y2="{self.bottom}" stroke="#eeeeee"/>',
                       text(x, self.bottom + 18, label, "middle")]

    def below(self, what):
        self.parts.append(text((self.left + self.right) / 2, self.bottom + 38, what, "middle"))

    def line(self, points, colour, dash="", width=2):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        line = " ".join("{:.1f},{:.1f}".format(*self.place(*point)) for point in points)
        self.parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>')

    def marks(self, points, colour, radius=3):
        self.parts += ['<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="{}"/>'.format(*self.place(*point), radius, colour) for point in points]

    def label(self, x, y, what, colour, under=False):
        """Above a mark or under it, within the panel."""
        x, y = self.place(x, y)
        anchor = "middle" if self.left + 40 < x < self.right - 40 else "start" if x < self.right - 40 else "end"
        self.parts.append(text(x, y + (18 if under else -9), what, anchor, colour))

    def ends(self, names):
        """Names [(value of y, name, colour)] right of the panel, moved down where they would lie on each other."""
        rows = sorted([self.place(self.x[0], value)[1], name, colour] for value, name, colour in names)
        for before, after in zip(rows, rows[1:]):
            after[0] = max(after[0], before[0] + 14)
        self.parts += [text(self.right + 10, y + 4, name, colour=colour) for y, name, colour in rows]
