package io.github.cortado.example.cifar;

import static java.util.Locale.ROOT;

import java.io.Console;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;

/**
 * A line on a terminal that says how far the work is, how fast it goes and how long it will take;
 * on anything but a terminal, nothing. It is redrawn at most ten times a second and erased before
 * other lines are printed.
 */
final class ProgressBar {
    private static final int CELLS = 24;
    private static final long REDRAW_NANOS = 100_000_000;

    private final PrintWriter out;
    private final boolean shown;
    private long begun;
    private long beganAt;
    private long drawn;
    private int length;

    ProgressBar(PrintWriter out, boolean shown) {
        this.out = out;
        this.shown = shown;
    }

    /** Whether bars make sense here: output goes to a terminal that somebody watches. */
    @SuppressWarnings("SystemConsoleNull") // It is asked whether it is a terminal, below.
    static boolean isTerminal(Map<String, String> environment) {
        Console console = System.console();
        return console != null
                && isTerminal(console)
                && !environment.containsKey("CI")
                && !"dumb".equals(environment.get("TERM"));
    }

    /** From JDK 22 on there is a console without a terminal too, and this method to ask it. */
    private static boolean isTerminal(Console console) {
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }

    boolean shown() {
        return shown;
    }

    /** Starts the clock, with so much done before. */
    void begin(long done) {
        begun = System.nanoTime();
        beganAt = done;
        drawn = begun;
    }

    /** Draws the bar if it is time to; {@code unit} is what is counted, such as pictures. */
    void show(String title, long done, long total, String unit, double unitSize) {
        long now = System.nanoTime();
        if (!shown || now - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = now;
        String line = line(title, done, total, unit, unitSize, (now - begun) / 1e9);
        out.print("\r" + line + " ".repeat(Math.max(0, length - line.length())));
        out.flush();
        length = line.length();
    }

    /** The bar as text; a total of 0 or less means that it is not known. */
    String line(String title, long done, long total, String unit, double unitSize, double seconds) {
        double rate = (done - beganAt) / Math.max(seconds, 1e-9);
        String speed = String.format(ROOT, "%.0f %s/s", rate / unitSize, unit);
        if (total <= 0) {
            return String.format(ROOT, "%s  %.0f %s  %s", title, done / unitSize, unit, speed);
        }
        int full = (int) Math.min(CELLS, CELLS * done / total);
        String left = rate > 0 ? clock((total - done) / rate) : "-:--";
        return String.format(
                ROOT,
                "%s [%s%s] %3d %%  %s  %s left",
                title,
                "#".repeat(full),
                ".".repeat(CELLS - full),
                100 * done / total,
                speed,
                left);
    }

    private static String clock(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? String.format(ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    /** Erases the bar, so that other lines can be printed. */
    void erase() {
        if (length > 0) {
            out.print("\r" + " ".repeat(length) + "\r");
            out.flush();
            length = 0;
        }
    }
}
