package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the properties mean. */
class PreferencesTest {
    private static Preferences of(String... settings) {
        Properties properties = new Properties();
        for (String setting : settings) {
            String[] pair = setting.split("=");
            properties.setProperty("cortado.cuda." + pair[0], pair[1]);
        }
        return Preferences.of(properties);
    }

    @Test
    void withoutAnyEverythingIsAllowedAndNothingRequired() {
        Preferences p = of();
        assertEquals(Set.of(Library.OWN, Library.CUBLAS, Library.CUDNN), p.allowed());
        assertEquals(Map.of(), p.required());
        assertEquals(Map.of(), p.families());
        assertTrue(p.deterministic());
        assertFalse(p.autotune());
        assertEquals(Optional.empty(), p.plan());
        assertEquals(p, of("use=auto", "conv=auto", "deterministic=true", "autotune=false"));
    }

    @Test
    void ownAllowsNoLibrary() {
        Preferences p = of("use=own");
        assertEquals(Set.of(Library.OWN), p.allowed());
        for (Family family : Family.values()) {
            assertEquals(Library.OWN, p.families().get(family));
        }
    }

    @Test
    void aLibraryThatIsNamedIsRequiredAndTheOtherIsNotAllowed() {
        Preferences p = of("use=cublas");
        assertEquals(Set.of(Library.OWN, Library.CUBLAS), p.allowed());
        assertEquals(Map.of(Library.CUBLAS, "cortado.cuda.use=cublas"), p.required());
        assertEquals(null, p.families().get(Family.MATMUL));
        assertEquals(Library.OWN, p.families().get(Family.CONV));
        assertEquals(2, of("use=cublas,cudnn").required().size());
    }

    @Test
    void familiesAreSettledOneByOne() {
        Preferences p = of("conv=cudnn", "matmul=own", "relu=auto");
        assertEquals(Map.of(Family.CONV, Library.CUDNN, Family.MATMUL, Library.OWN), p.families());
        assertEquals(Map.of(Library.CUDNN, "cortado.cuda.conv=cudnn"), p.required());
    }

    @Test
    void theRest() {
        Preferences p = of("deterministic=false", "autotune=true", "plan=some/file.json");
        assertFalse(p.deterministic());
        assertTrue(p.autotune());
        assertEquals(Optional.of(Path.of("some/file.json")), p.plan());
    }

    @Test
    void whatCannotBeIsRefusedByName() {
        refused("cortado.cuda.conv=cublas: it is auto, own or cudnn", "conv=cublas");
        refused("cortado.cuda.matmul=fast: it is auto, own or cublas", "matmul=fast");
        refused("cortado.cuda.use=all: it is auto, own, or of cublas,cudnn", "use=all");
        refused("cortado.cuda.autotune=yes: it is true or false", "autotune=yes");
        refused(
                "cortado.cuda.conv=cudnn contradicts cortado.cuda.use=own, which does not allow it",
                "use=own",
                "conv=cudnn");
    }

    private static void refused(String why, String... settings) {
        var e = assertThrows(IllegalArgumentException.class, () -> of(settings));
        assertEquals(why, e.getMessage());
    }
}
