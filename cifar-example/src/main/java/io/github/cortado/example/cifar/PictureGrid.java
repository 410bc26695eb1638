package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.util.List;

/** Small pictures in rows of ten, each under its title. */
final class PictureGrid {
    private static final int COLUMNS = 10;
    private static final int SIDE = 128;
    private static final int GAP = 14;
    private static final int MARGIN = 24;
    private static final int HEADING = 44;
    private static final int TITLE = 26;

    private PictureGrid() {}

    /** A picture, its title and the title's colour. */
    record Tile(Image picture, String title, Color colour) {
        /** Titled with what it is. */
        static Tile of(Image picture, String actual) {
            return new Tile(picture, actual, Canvas.INK);
        }

        /** Titled {@code predicted (actual)}, green where right and red where wrong. */
        static Tile of(Image picture, String predicted, String actual) {
            return new Tile(
                    picture,
                    predicted + " (" + actual + ")",
                    predicted.equals(actual) ? Canvas.RIGHT : Canvas.WRONG);
        }
    }

    static BufferedImage draw(String heading, List<Tile> tiles) {
        int columns = Math.max(1, Math.min(COLUMNS, tiles.size()));
        int rows = (tiles.size() + columns - 1) / columns;
        int width = Math.max(2 * MARGIN + columns * (SIDE + GAP) - GAP, 4 * SIDE);
        int height = HEADING + rows * (TITLE + SIDE) + (rows - 1) * GAP + MARGIN;
        Canvas canvas = new Canvas(width, Math.max(height, HEADING + MARGIN));
        canvas.fittingText(
                heading,
                width / 2.0,
                30,
                width - 2.0 * MARGIN,
                Canvas.font(Font.BOLD, 20),
                Canvas.INK);
        for (int i = 0; i < tiles.size(); i++) {
            int x = MARGIN + i % columns * (SIDE + GAP);
            int y = HEADING + i / columns * (TITLE + SIDE + GAP);
            Tile tile = tiles.get(i);
            canvas.fittingText(
                    tile.title(),
                    x + SIDE / 2.0,
                    y + 19,
                    SIDE + GAP - 4,
                    Canvas.font(Font.PLAIN, 17),
                    tile.colour());
            canvas.enlarged(tile.picture(), x, y + TITLE, SIDE, SIDE);
        }
        return canvas.image();
    }
}
