package io.github.cortado.gpucheck;

import java.util.Optional;

/** A part of the check, with a part of the time. */
interface Section {
    /** The word that {@code --only} takes. */
    String name();

    /** Its heading. */
    String title();

    /**
     * How much of the time it gets, in seconds where all sections run in the time that they have by
     * default; what the ones before it have left over comes to it.
     */
    int share();

    /** Why it cannot run here, if so. */
    Optional<String> obstacle(Run run);

    /**
     * Does it, within {@link Run#left} seconds. What goes wrong belongs in the findings; an
     * exception counts as a fault.
     */
    void run(Run run, Findings findings);
}
