package io.github.cortado.backend.cpu.vector.pointwise;

/**
 * Where the places of a program are while a block of elements is computed: an array for each, and
 * the index of the block's first element in it.
 */
final class Block {
    /** Elements of a block: a few dozen of them fit into the first-level cache. */
    static final int SIZE = 1024;

    private final float[][] arrays;
    private final int[] offsets;

    Block(int places) {
        arrays = new float[places][];
        offsets = new int[places];
    }

    void set(int place, float[] array, int offset) {
        arrays[place] = array;
        offsets[place] = offset;
    }

    float[] array(int place) {
        return arrays[place];
    }

    int offset(int place) {
        return offsets[place];
    }
}
