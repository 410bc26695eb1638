package io.github.cortado.nn;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a block that hold one of its parts. A forward pass uses the fields, names and
 * weights are the block's: a part that were replaced in one of them only would be trained and never
 * used.
 */
final class PartFields {
    private final Block owner;
    private final Block part;
    private final List<Field> fields = new ArrayList<>();

    private PartFields(Block owner, Block part) {
        this.owner = owner;
        this.part = part;
    }

    /**
     * Finds them.
     *
     * @throws IllegalArgumentException if they cannot be looked at, or an array or a collection
     *     holds the part
     */
    static PartFields of(Block owner, Block part) {
        PartFields found = new PartFields(owner, part);
        for (Class<?> c = owner.getClass(); c != Block.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    found.look(field);
                }
            }
        }
        return found;
    }

    private void look(Field field) {
        Object value;
        try {
            field.setAccessible(true);
            value = field.get(owner);
        } catch (InaccessibleObjectException | IllegalAccessException e) {
            throw new IllegalArgumentException(
                    "replace: field "
                            + field.getName()
                            + " of "
                            + owner.kind()
                            + " cannot be looked at: "
                            + e.getMessage(),
                    e);
        }
        if (value == part) {
            fields.add(field);
        } else if (contains(value)) {
            throw fault(field, "holds it among others, where it cannot be replaced");
        }
    }

    private boolean contains(@Nullable Object value) {
        if (value instanceof Collection<?> all) {
            return all.stream().anyMatch(p -> p == part);
        }
        if (value instanceof Map<?, ?> map) {
            return map.values().stream().anyMatch(p -> p == part);
        }
        if (value instanceof Object[] array) {
            return Arrays.stream(array).anyMatch(p -> p == part);
        }
        return false;
    }

    /**
     * Puts {@code other} where the part is held under {@code name}.
     *
     * @param names how many names the part has
     */
    void replace(String name, long names, Block other) {
        if (fields.size() > names) {
            throw fault(fields.get(0), "and field " + fields.get(1).getName() + " both hold it");
        }
        Field field = null;
        for (Field f : fields) {
            if (f.getName().equals(name) || fields.size() == 1) {
                field = f;
            }
        }
        if (field == null) {
            if (fields.isEmpty()) {
                return;
            }
            throw fault(fields.get(0), "may hold it under another name than '" + name + "'");
        }
        if (Modifier.isFinal(field.getModifiers())) {
            throw fault(
                    field, "holds it and is final; a part that is replaced needs one that is not");
        }
        if (!field.getType().isInstance(other)) {
            throw fault(
                    field,
                    "is a "
                            + field.getType().getSimpleName()
                            + ", the new part a "
                            + other.getClass().getSimpleName());
        }
        try {
            field.set(owner, other);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e); // made accessible when it was looked at
        }
    }

    private IllegalArgumentException fault(Field field, String what) {
        return new IllegalArgumentException(
                "replace: field " + field.getName() + " of " + owner.kind() + " " + what);
    }
}
