package io.github.cortado.backend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The backends of this Java process, found once with {@link ServiceLoader}: each is either there or
 * has a recorded reason why not.
 */
public final class Backends {
    private final Map<String, Backend> available = new LinkedHashMap<>();
    private final Map<String, BackendUnavailableException> missing = new LinkedHashMap<>();

    private static final class Holder {
        static final Backends FOUND =
                new Backends(
                        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()));
    }

    /** What was found in this process. */
    public static Backends found() {
        return Holder.FOUND;
    }

    Backends(Iterable<BackendProvider> providers) {
        var iterator = providers.iterator();
        while (true) {
            try {
                if (!iterator.hasNext()) {
                    return;
                }
                probe(iterator.next());
            } catch (ServiceConfigurationError e) {
                missing.put(
                        "provider " + (missing.size() + 1),
                        new BackendUnavailableException(
                                "a backend provider cannot be loaded: " + e.getMessage(), e));
            }
        }
    }

    private void probe(BackendProvider provider) {
        try {
            available.put(provider.name(), provider.create());
        } catch (BackendUnavailableException e) {
            missing.put(provider.name(), e);
        } catch (LinkageError | RuntimeException e) {
            missing.put(
                    provider.name(),
                    new BackendUnavailableException(provider.name() + " failed to start: " + e, e));
        }
    }

    /** The backend of that name, if it runs here. */
    public Optional<Backend> get(String name) {
        return Optional.ofNullable(available.get(name));
    }

    /** Why the backend of that name does not run here. */
    public BackendUnavailableException whyNot(String name) {
        BackendUnavailableException reason = missing.get(name);
        return reason != null
                ? reason
                : new BackendUnavailableException(
                        "no backend called '"
                                + name
                                + "' is on the class path; there are "
                                + names());
    }

    /** Names of all backends that were found, whether they run or not. */
    public List<String> names() {
        List<String> names = new ArrayList<>(available.keySet());
        names.addAll(missing.keySet());
        return names;
    }
}
