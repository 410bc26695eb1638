package io.github.cortado.nn;

import java.util.LinkedHashMap;
import java.util.Map;

/** Blocks under names of their own, in the order in which they came, which somebody else runs. */
public final class ModuleDict<B extends Block> extends Block {
    /** None yet. */
    public ModuleDict() {}

    /** Those of a map, in its order. */
    public ModuleDict(Map<String, ? extends B> blocks) {
        blocks.forEach(this::put);
    }

    /**
     * One more behind the others.
     *
     * @throws IllegalArgumentException if the name is taken, which {@link #replace} is for, empty
     *     or with a dot
     */
    public ModuleDict<B> put(String name, B block) {
        add(name, block);
        return this;
    }

    /**
     * The one of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public B get(String name) {
        B block = blocks().get(name);
        if (block == null) {
            throw new IllegalArgumentException(
                    "ModuleDict: there is no part called '"
                            + name
                            + "', only "
                            + String.join(", ", children().keySet()));
        }
        return block;
    }

    /** Whether there is one of that name. */
    public boolean contains(String name) {
        return children().containsKey(name);
    }

    /** How many there are. */
    public int size() {
        return children().size();
    }

    /** All of them by name. */
    @SuppressWarnings("unchecked") // nothing else is added; a part that is replaced has its type
    public Map<String, B> blocks() {
        Map<String, B> all = new LinkedHashMap<>();
        children().forEach((name, block) -> all.put(name, (B) block));
        return all;
    }
}
