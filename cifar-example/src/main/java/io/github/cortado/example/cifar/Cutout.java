package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import io.github.cortado.vision.Draws;
import io.github.cortado.vision.PictureTransform;
import java.util.Arrays;

/**
 * Paints a square of fixed size in one colour over each picture (DeVries and Taylor, arXiv
 * 1708.04552). It lies within the picture: draw 0 is its first row, floor((height - side + 1)
 * draw), and draw 1 its first column. (The library's RandomErasing has random sides.)
 *
 * @param side of the square, at most the picture's
 * @param grey 0 to 255
 */
record Cutout(int side, int grey) implements PictureTransform {
    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        int top = (int) draws.fixed(0, picture.height() - side + 1L);
        int left = (int) draws.fixed(0, picture.width() - side + 1L);
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int row = top; row < top + side; row++) {
                int from = (c * picture.height() + row) * picture.width() + left;
                Arrays.fill(picture.pixels(), from, from + side, (byte) grey);
            }
        }
        return picture;
    }
}
