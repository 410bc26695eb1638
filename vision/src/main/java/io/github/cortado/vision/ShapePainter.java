package io.github.cortado.vision;

import io.github.cortado.data.Image;
import io.github.cortado.random.PhiloxGenerator;
import java.util.List;

/** Paints the pictures of {@link SyntheticShapes}; one thread at a time. */
final class ShapePainter {
    /** Names of the figures, in the order of the labels. */
    static final List<String> FIGURES =
            List.of("disc", "ring", "box", "tri", "plus", "star", "moon", "arrow", "bars", "ell");

    private static final int SAMPLES = 3;
    private static final float EXTENT = 1.1f;
    private static final int TILT = 30;
    private static final float NOISE = 10;
    private static final float LEAST_CONTRAST = 150;

    private static final float[] STAR_X = new float[5];
    private static final float[] STAR_Y = new float[5];

    static {
        for (int point = 0; point < 5; point++) {
            STAR_X[point] = trig(FixedPoint.sin((72L * point) << FixedPoint.BITS));
            STAR_Y[point] = trig(FixedPoint.cos((72L * point) << FixedPoint.BITS));
        }
    }

    private final int side;
    private final float[] canvas;
    private final float[] figure = new float[Image.CHANNELS];
    private final float[] from = new float[Image.CHANNELS];
    private final float[] to = new float[Image.CHANNELS];
    private final float[] other = new float[Image.CHANNELS];

    ShapePainter(int side) {
        this.side = side;
        canvas = new float[Image.CHANNELS * side * side];
    }

    /** Paints figure number {@code kind} into {@code out[offset ..]}, [3, side, side]. */
    void paint(int kind, PhiloxGenerator draws, byte[] out, int offset) {
        chooseColours(draws);
        background(draws);
        for (int i = draws.bounded(3); i > 0; i--) {
            clutter(draws);
        }
        figure(kind, draws);
        clutter(draws);
        for (int i = 0; i < canvas.length; i++) {
            int value = (int) (canvas[i] + NOISE * bell(draws.word()) + 0.5f);
            out[offset + i] = (byte) Math.max(0, Math.min(255, value));
        }
    }

    /** The sum of a word's four bytes is bell-shaped; here with mean 0 and deviation 1. */
    private static float bell(int word) {
        int sum = (word & 0xff) + (word >>> 8 & 0xff) + (word >>> 16 & 0xff) + (word >>> 24);
        return (sum - 510) / 147.8f;
    }

    /** The figure's colour stands out from both ends of the background's gradient. */
    private void chooseColours(PhiloxGenerator draws) {
        do {
            colour(figure, draws);
            colour(from, draws);
            colour(to, draws);
        } while (distance(figure, from) < LEAST_CONTRAST || distance(figure, to) < LEAST_CONTRAST);
    }

    private static void colour(float[] rgb, PhiloxGenerator draws) {
        for (int c = 0; c < rgb.length; c++) {
            rgb[c] = draws.uniform(15, 240);
        }
    }

    private static float distance(float[] a, float[] b) {
        float sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += Math.abs(a[c] - b[c]);
        }
        return sum;
    }

    private void background(PhiloxGenerator draws) {
        long angle = draws.bounded(360) * (1L << FixedPoint.BITS);
        float dx = trig(FixedPoint.cos(angle)) / side;
        float dy = trig(FixedPoint.sin(angle)) / side;
        int plane = side * side;
        for (int y = 0, i = 0; y < side; y++) {
            for (int x = 0; x < side; x++, i++) {
                float t = 0.5f + 0.7f * ((x - side / 2) * dx + (y - side / 2) * dy);
                for (int c = 0; c < Image.CHANNELS; c++) {
                    canvas[i + c * plane] = from[c] + t * (to[c] - from[c]);
                }
            }
        }
    }

    private static float trig(long value) {
        return value * 0x1p-30f;
    }

    /** A dot or a short line of any colour. */
    private void clutter(PhiloxGenerator draws) {
        colour(other, draws);
        float length = draws.uniform() < 0.5f ? 0 : draws.uniform(4, 11);
        float x = draws.uniform(0, side);
        float y = draws.uniform(0, side);
        float radius = draws.uniform(0.6f, 1.7f);
        long angle = draws.bounded(360) * (1L << FixedPoint.BITS);
        float cos = trig(FixedPoint.cos(angle));
        float sin = trig(FixedPoint.sin(angle));
        float reach = length / 2 + radius;
        for (int py = first(y, reach); py < end(y, reach); py++) {
            for (int px = first(x, reach); px < end(x, reach); px++) {
                float u = (px - x) * cos + (py - y) * sin;
                float v = (py - y) * cos - (px - x) * sin;
                float beyond = Math.max(0, Math.abs(u) - length / 2);
                if (beyond * beyond + v * v < radius * radius) {
                    blend(px, py, other, 0.85f);
                }
            }
        }
    }

    private static int first(float centre, float reach) {
        return Math.max(0, (int) (centre - reach) - 1);
    }

    private int end(float centre, float reach) {
        return Math.min(side, (int) (centre + reach) + 2);
    }

    private void figure(int kind, PhiloxGenerator draws) {
        float size = draws.uniform(7.5f, 13);
        float reach = side / 2f - 0.75f * size;
        float x = side / 2f + draws.uniform(-reach, reach);
        float y = side / 2f + draws.uniform(-reach, reach);
        long angle = (draws.bounded(2 * TILT + 1) - TILT) * (1L << FixedPoint.BITS);
        float cos = trig(FixedPoint.cos(angle)) / size;
        float sin = trig(FixedPoint.sin(angle)) / size;
        for (int py = first(y, EXTENT * size); py < end(y, EXTENT * size); py++) {
            for (int px = first(x, EXTENT * size); px < end(x, EXTENT * size); px++) {
                int inside = 0;
                for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                    float dx = px + (s % SAMPLES + 0.5f) / SAMPLES - x;
                    int row = s / SAMPLES;
                    float dy = py + (row + 0.5f) / SAMPLES - y;
                    inside += covers(kind, dx * cos + dy * sin, dy * cos - dx * sin) ? 1 : 0;
                }
                if (inside > 0) {
                    blend(px, py, figure, inside / (float) (SAMPLES * SAMPLES));
                }
            }
        }
    }

    private void blend(int x, int y, float[] colour, float share) {
        for (int c = 0; c < Image.CHANNELS; c++) {
            int i = (c * side + y) * side + x;
            canvas[i] += share * (colour[c] - canvas[i]);
        }
    }

    /** Whether a figure covers a point; figures fill about the unit circle. */
    private static boolean covers(int kind, float x, float y) {
        float r2 = x * x + y * y;
        if (r2 > EXTENT * EXTENT) {
            return false;
        }
        return switch (kind) {
            case 0 -> r2 < 0.72f;
            case 1 -> r2 < 0.9f && r2 > 0.3f;
            case 2 -> Math.abs(x) < 0.75f && Math.abs(y) < 0.75f;
            case 3 -> y < 0.55f && y > 1.732f * Math.abs(x) - 1.05f;
            case 4 ->
                    Math.min(Math.abs(x), Math.abs(y)) < 0.28f
                            && Math.max(Math.abs(x), Math.abs(y)) < 0.95f;
            case 5 -> star(x, y);
            case 6 -> r2 < 0.9f && (x - 0.45f) * (x - 0.45f) + y * y > 0.55f;
            case 7 -> arrow(x, y);
            case 8 -> Math.abs(x) < 0.85f && bar(Math.abs(y));
            case 9 -> ell(x, y);
            default -> throw new IllegalArgumentException("there is no figure " + kind);
        };
    }

    /** Five points: inside at least four of the five lines of a pentagram. */
    private static boolean star(float x, float y) {
        int inside = 0;
        for (int point = 0; point < 5; point++) {
            inside += x * STAR_X[point] + y * STAR_Y[point] < 0.36f ? 1 : 0;
        }
        return inside >= 4;
    }

    private static boolean arrow(float x, float y) {
        boolean shaft = Math.abs(y) < 0.17f && x > -0.95f && x < 0.2f;
        boolean head = x >= 0.1f && x < 1 && Math.abs(y) < 0.75f * (1 - x);
        return shaft || head;
    }

    private static boolean bar(float y) {
        return y < 0.17f || (y > 0.5f && y < 0.85f);
    }

    private static boolean ell(float x, float y) {
        boolean stem = x > -0.7f && x < -0.2f && Math.abs(y) < 0.9f;
        boolean foot = y > 0.4f && y < 0.9f && x > -0.7f && x < 0.7f;
        return stem || foot;
    }
}
