package io.github.cortado.example.cifar;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** A confusion matrix as a heat map: actual classes down, predicted ones across. */
final class ConfusionPicture {
    private static final int CELL = 68;
    private static final int LEFT = 130;
    private static final int TOP = 104;
    private static final int RIGHT = 110;
    private static final int BOTTOM = 30;
    private static final Color PALE = new Color(0xf6f8fa);
    private static final Color DEEP = new Color(0x0a3069);

    private ConfusionPicture() {}

    static BufferedImage draw(String heading, Confusion confusion) {
        int n = confusion.classNames().size();
        int side = n * CELL;
        Canvas canvas = new Canvas(LEFT + side + RIGHT, TOP + side + BOTTOM);
        Graphics2D g = canvas.graphics();
        int width = canvas.image().getWidth();
        canvas.fittingText(
                heading, width / 2.0, 32, width - 40, Canvas.font(Font.BOLD, 20), Canvas.INK);
        canvas.text("predicted", LEFT + side / 2.0, 66, Canvas.font(Font.BOLD, 16), Canvas.INK);
        sideways(canvas, "actual", 28, TOP + side / 2.0);
        int most = most(confusion);
        for (int i = 0; i < n; i++) {
            String name = confusion.classNames().get(i);
            Font font = Canvas.font(Font.PLAIN, 16);
            double middle = (i + 0.5) * CELL;
            canvas.fittingText(name, LEFT + middle, TOP - 12, CELL - 4, font, Canvas.INK);
            rightAligned(canvas, name, LEFT - 12, TOP + middle + 6, font);
            for (int j = 0; j < n; j++) {
                int count = confusion.count(i, j);
                double share = shade(count, most);
                g.setColor(mix(share));
                g.fillRect(LEFT + j * CELL, TOP + i * CELL, CELL, CELL);
                canvas.text(
                        Integer.toString(count),
                        LEFT + (j + 0.5) * CELL,
                        TOP + middle + 6,
                        Canvas.font(i == j ? Font.BOLD : Font.PLAIN, 16),
                        textOn(share));
            }
        }
        legend(canvas, LEFT + side + 26, side, most);
        return canvas.image();
    }

    /** The largest count, at least 1. */
    static int most(Confusion confusion) {
        int n = confusion.classNames().size();
        int most = 1;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                most = Math.max(most, confusion.count(i, j));
            }
        }
        return most;
    }

    /** How deep a cell is coloured, 0 to 1: by the square root, so that few confusions show. */
    static double shade(int count, int most) {
        return Math.sqrt((double) count / most);
    }

    /** The colour of a cell. */
    static Color mix(double share) {
        return new Color(
                mix(PALE.getRed(), DEEP.getRed(), share),
                mix(PALE.getGreen(), DEEP.getGreen(), share),
                mix(PALE.getBlue(), DEEP.getBlue(), share));
    }

    private static int mix(int from, int to, double share) {
        return (int) Math.round(from + (to - from) * share);
    }

    /** Dark text on pale cells, white on deep ones. */
    static Color textOn(double share) {
        return share < 0.6 ? Canvas.INK : Color.WHITE;
    }

    private static void sideways(Canvas canvas, String text, double x, double y) {
        Graphics2D g = canvas.graphics();
        var before = g.getTransform();
        g.rotate(-Math.PI / 2, x, y);
        canvas.text(text, x, y, Canvas.font(Font.BOLD, 16), Canvas.INK);
        g.setTransform(before);
    }

    private static void rightAligned(Canvas canvas, String text, double x, double y, Font font) {
        int wide = canvas.graphics().getFontMetrics(font).stringWidth(text);
        canvas.text(text, x - wide / 2.0, y, font, Canvas.INK);
    }

    private static void legend(Canvas canvas, int x, int height, int most) {
        Graphics2D g = canvas.graphics();
        for (int y = 0; y < height; y++) {
            // Counts grow evenly along the legend, as its labels do.
            g.setColor(mix(Math.sqrt(1 - (double) y / height)));
            g.fillRect(x, TOP + y, 16, 1);
        }
        Font font = Canvas.font(Font.PLAIN, 13);
        int steps = most >= 4 ? 4 : 1;
        for (int i = 0; i <= steps; i++) {
            String label = Integer.toString(Math.round((float) most * i / steps));
            int wide = g.getFontMetrics(font).stringWidth(label);
            double y = TOP + height - (double) height * i / steps;
            canvas.text(label, x + 24 + wide / 2.0, y + 5, font, Canvas.FAINT);
        }
    }
}
