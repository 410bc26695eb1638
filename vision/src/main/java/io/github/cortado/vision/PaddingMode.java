package io.github.cortado.vision;

/** What lies around a padded picture; the names are torchvision's. */
public enum PaddingMode {
    /** One colour. */
    CONSTANT,
    /** The outermost pixels, over and over: a row 1 2 3 is padded to 1 1 1 2 3 3 3. */
    EDGE,
    /** Mirrored without the outermost pixels: 1 2 3 is padded to 3 2 1 2 3 2 1. */
    REFLECT,
    /** Mirrored with the outermost pixels: 1 2 3 is padded to 2 1 1 2 3 3 2. */
    SYMMETRIC;

    /**
     * Returns which of n pixels lies at place i of the line that they continue to, -1 for the
     * colour of {@link #CONSTANT}.
     */
    int source(int i, int n) {
        if (i >= 0 && i < n) {
            return i;
        }
        return switch (this) {
            case CONSTANT -> -1;
            case EDGE -> i < 0 ? 0 : n - 1;
            case REFLECT -> {
                // A single pixel has no others to be mirrored, and NumPy repeats it.
                int period = Math.max(1, 2 * (n - 1));
                int at = Math.floorMod(i, period);
                yield at < n ? at : period - at;
            }
            case SYMMETRIC -> {
                int at = Math.floorMod(i, 2 * n);
                yield at < n ? at : 2 * n - 1 - at;
            }
        };
    }

    /** The name as torchvision writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
