package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import java.awt.Font;
import java.awt.image.BufferedImage;

/** A picture as it came, beside the 32x32 version that the network saw, under the class found. */
final class ClassificationPicture {
    private static final int BOX = 320;
    private static final int MARGIN = 28;
    private static final int HEADING = 60;
    private static final int FOOTING = 62;

    private ClassificationPicture() {}

    /** Draws both. */
    static BufferedImage draw(String network, String found, Image original, Image small) {
        Canvas canvas = new Canvas(3 * MARGIN + 2 * BOX, HEADING + BOX + FOOTING);
        int width = canvas.image().getWidth();
        canvas.fittingText(
                found, width / 2.0, 40, width - 2 * MARGIN, Canvas.font(Font.BOLD, 26), Canvas.INK);
        double scale = Math.min((double) BOX / original.width(), (double) BOX / original.height());
        int w = Math.max(1, (int) Math.round(scale * original.width()));
        int h = Math.max(1, (int) Math.round(scale * original.height()));
        int x = MARGIN + (BOX - w) / 2;
        int y = HEADING + (BOX - h) / 2;
        if (scale > 4) {
            canvas.enlarged(original, x, y, w, h);
        } else {
            canvas.smooth(Canvas.toBufferedImage(original), x, y, w, h);
        }
        canvas.enlarged(small, 2 * MARGIN + BOX, HEADING, BOX, BOX);
        Font font = Canvas.font(Font.PLAIN, 15);
        int below = HEADING + BOX + 24;
        canvas.fittingText(
                "original, " + original.width() + " x " + original.height(),
                MARGIN + BOX / 2.0,
                below,
                BOX,
                font,
                Canvas.INK);
        canvas.fittingText(
                "as the network sees it, " + small.width() + " x " + small.height(),
                2 * MARGIN + 1.5 * BOX,
                below,
                BOX,
                font,
                Canvas.INK);
        canvas.fittingText(
                network,
                width / 2.0,
                below + 24,
                width - 2 * MARGIN,
                Canvas.font(Font.PLAIN, 13),
                Canvas.FAINT);
        return canvas.image();
    }
}
