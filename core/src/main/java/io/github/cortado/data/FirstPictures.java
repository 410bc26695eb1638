package io.github.cortado.data;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The first pictures of a data set. */
record FirstPictures(Dataset all, int size) implements Dataset {
    FirstPictures {
        if (size < 0 || size > all.size()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "first: the data set has %d pictures, asked for the first %d",
                            all.size(),
                            size));
        }
    }

    @Override
    public List<String> classNames() {
        return all.classNames();
    }

    @Override
    public int label(int index) {
        return all.label(Objects.checkIndex(index, size));
    }

    @Override
    public void read(int index, Image into) {
        all.read(Objects.checkIndex(index, size), into);
    }
}
