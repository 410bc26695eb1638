package io.github.cortado.nn;

import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Blocks under the names 0, 1, 2, ..., which somebody else runs. */
public final class ModuleList<B extends Block> extends Block implements Iterable<B> {
    /** Those of a list, in its order. */
    public ModuleList(List<? extends B> blocks) {
        blocks.forEach(this::append);
    }

    /**
     * So many blocks, each of them made anew.
     *
     * @throws IllegalArgumentException if the number is negative
     */
    public static <B extends Block> ModuleList<B> of(Supplier<? extends B> block, int count) {
        if (count < 0) {
            throw new IllegalArgumentException(
                    "ModuleList: expected a number of blocks from 0 up, got " + count);
        }
        return new ModuleList<>(Stream.<B>generate(block).limit(count).toList());
    }

    /** One more behind the others. */
    public ModuleList<B> append(B block) {
        add(Integer.toString(size()), block);
        return this;
    }

    /**
     * Number {@code i} of them.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public B get(int i) {
        return blocks().get(i);
    }

    /** How many there are. */
    public int size() {
        return children().size();
    }

    @Override
    public Iterator<B> iterator() {
        return blocks().iterator();
    }

    @SuppressWarnings("unchecked") // nothing else is added; a part that is replaced has its type
    private List<B> blocks() {
        return (List<B>) List.copyOf(children().values());
    }
}
