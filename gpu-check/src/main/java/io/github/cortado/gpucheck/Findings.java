package io.github.cortado.gpucheck;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a section has found so far: text for people, data for programs, and what is wrong. */
final class Findings {
    /** How a section ended. */
    enum Status {
        /** Its turn has not come, or had not when the report was written last. */
        WAITING("not begun"),
        /** It is at work, or was when the report was written last. */
        RUNNING("not finished"),
        PASSED("passed"),
        FAILED("FAILED"),
        /** Its time was over before all of it was done. */
        CUT_OFF("cut off"),
        SKIPPED("skipped");

        private final String words;

        Status(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** For sections with figures, where there is no GPU. */
    static final String REHEARSED =
            "rehearsed on a CPU, in small: the figures show that it runs, and no more";

    private final List<String> faults = new ArrayList<>();
    private final List<String> cuts = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, Object> data = new LinkedHashMap<>();
    private String summary = "";
    private String skipped = "";
    private boolean begun;
    private boolean ended;

    /** Something is wrong. */
    void fault(String what) {
        faults.add(what);
    }

    /** Something was not done, or only in part, since the time was over. */
    void cutOff(String what) {
        cuts.add(what);
    }

    /** Something was left out for a reason that is no fault. */
    void note(String what) {
        notes.add(what);
    }

    /** The section cannot run here. */
    void skip(String why) {
        skipped = why;
    }

    /** A paragraph, table or block in Markdown. */
    void text(String markdown) {
        texts.put("text " + texts.size(), markdown);
    }

    /** The same, in place of what had that name before. */
    void text(String name, String markdown) {
        texts.put(name, markdown);
    }

    /** A value for the JSON report. */
    void put(String key, Object value) {
        data.put(key, value);
    }

    /** The one line for the table of sections. */
    void summary(String line) {
        summary = line;
    }

    /** Its turn has come. */
    void begin() {
        begun = true;
    }

    /** Nothing more will be found. */
    void end() {
        ended = true;
    }

    Status status() {
        if (!faults.isEmpty()) {
            return Status.FAILED;
        }
        if (!skipped.isEmpty()) {
            return Status.SKIPPED;
        }
        if (!ended) {
            return begun ? Status.RUNNING : Status.WAITING;
        }
        return cuts.isEmpty() ? Status.PASSED : Status.CUT_OFF;
    }

    String summary() {
        if (!skipped.isEmpty()) {
            return skipped;
        }
        return faults.isEmpty() || !summary.isEmpty() ? summary : faults.get(0);
    }

    List<String> faults() {
        return Collections.unmodifiableList(faults);
    }

    List<String> cuts() {
        return Collections.unmodifiableList(cuts);
    }

    List<String> notes() {
        return Collections.unmodifiableList(notes);
    }

    List<String> texts() {
        return List.copyOf(texts.values());
    }

    Map<String, Object> data() {
        return Collections.unmodifiableMap(data);
    }
}
