package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** One dimension as several. */
public final class Unflatten extends Layer {
    private final int dim;
    private final int[] sizes;

    /** Dimension {@code dim} as dimensions of these sizes. */
    public Unflatten(int dim, int... sizes) {
        this.dim = dim;
        this.sizes = sizes.clone();
    }

    @Override
    public Tensor forward(Tensor x) {
        int d = x.shape().axis("unflatten", dim);
        int rank = x.shape().rank();
        int[] all = new int[rank - 1 + sizes.length];
        System.arraycopy(x.shape().dims(), 0, all, 0, d);
        System.arraycopy(sizes, 0, all, d, sizes.length);
        System.arraycopy(x.shape().dims(), d + 1, all, d + sizes.length, rank - d - 1);
        return x.reshape(all);
    }

    @Override
    protected String details() {
        String list =
                Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        return "dim=" + dim + ", unflattened_size=(" + list + (sizes.length == 1 ? ",)" : ")");
    }
}
