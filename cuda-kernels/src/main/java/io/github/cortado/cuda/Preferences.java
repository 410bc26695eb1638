package io.github.cortado.cuda;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * What the user wants of NVIDIA's libraries, said by system properties:
 *
 * <ul>
 *   <li>{@code cortado.cuda.use}: {@code auto} (both where they are, the default), {@code own}
 *       (neither), or a list of {@code cublas} and {@code cudnn}: these and no other, and they have
 *       to be there
 *   <li>{@code cortado.cuda.matmul}, {@code .conv}, {@code .pool}, {@code .relu}, {@code .dropout}:
 *       {@code auto}, {@code own}, or the library, which then has to be there
 *   <li>{@code cortado.cuda.deterministic}: {@code false} allows algorithms whose sums have no
 *       fixed order
 *   <li>{@code cortado.cuda.autotune}: {@code true} measures instead of looking into the table
 *   <li>{@code cortado.cuda.plan}: a file with measured choices; read at the start, and written
 *       where something is measured
 * </ul>
 *
 * @param allowed what may compute
 * @param required what has to be there, by the property that says so
 * @param families whose code computes a family, where that is settled
 */
record Preferences(
        Set<Library> allowed,
        Map<Library, String> required,
        Map<Family, Library> families,
        boolean deterministic,
        boolean autotune,
        Optional<Path> plan) {
    static final String USE = "cortado.cuda.use";
    static final String DETERMINISTIC = "cortado.cuda.deterministic";
    static final String AUTOTUNE = "cortado.cuda.autotune";
    static final String PLAN = "cortado.cuda.plan";

    private static final String AUTO = "auto";

    /**
     * Reads properties.
     *
     * @throws IllegalArgumentException naming the property that says what cannot be
     */
    static Preferences of(Properties properties) {
        Map<Library, String> required = new EnumMap<>(Library.class);
        Set<Library> allowed = allowed(properties.getProperty(USE, AUTO), required);
        Map<Family, Library> families = new EnumMap<>(Family.class);
        for (Family family : Family.values()) {
            String value = properties.getProperty(family.property(), AUTO);
            if (!value.equals(AUTO)) {
                Library library = library(family, value);
                String setting = family.property() + "=" + value;
                if (!allowed.contains(library)) {
                    throw new IllegalArgumentException(
                            setting
                                    + " contradicts "
                                    + USE
                                    + "="
                                    + properties.getProperty(USE)
                                    + ", which does not allow it");
                }
                families.put(family, library);
                if (library != Library.OWN) {
                    required.putIfAbsent(library, setting);
                }
            } else if (!allowed.contains(family.library())) {
                families.put(family, Library.OWN);
            }
        }
        return new Preferences(
                allowed,
                required,
                families,
                flag(properties, DETERMINISTIC, true),
                flag(properties, AUTOTUNE, false),
                Optional.ofNullable(properties.getProperty(PLAN)).map(Path::of));
    }

    /** The setting that asks for a library by its name for these operations, else an empty text. */
    String asksFor(Family family) {
        if (families.get(family) == family.library()) {
            return family.property() + "=" + family.library().key();
        }
        String setting = required.getOrDefault(family.library(), "");
        return setting.startsWith(USE + "=") ? setting : "";
    }

    private static Set<Library> allowed(String use, Map<Library, String> required) {
        if (use.equals(AUTO)) {
            return EnumSet.allOf(Library.class);
        }
        Set<Library> allowed = EnumSet.of(Library.OWN);
        for (String word : use.split(",")) {
            switch (word.strip()) {
                case "own" -> {}
                case "cublas" -> allowed.add(Library.CUBLAS);
                case "cudnn" -> allowed.add(Library.CUDNN);
                default ->
                        throw new IllegalArgumentException(
                                USE + "=" + use + ": it is auto, own, or of cublas,cudnn");
            }
        }
        for (Library library : allowed) {
            if (library != Library.OWN) {
                required.put(library, USE + "=" + use);
            }
        }
        return allowed;
    }

    private static Library library(Family family, String value) {
        for (Library library : EnumSet.of(Library.OWN, family.library())) {
            if (library.key().equals(value.toLowerCase(Locale.ROOT))) {
                return library;
            }
        }
        throw new IllegalArgumentException(
                family.property() + "=" + value + ": it is auto, own or " + family.library().key());
    }

    private static boolean flag(Properties properties, String name, boolean otherwise) {
        String value = properties.getProperty(name, String.valueOf(otherwise));
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            name + "=" + value + ": it is true or false");
        };
    }
}
