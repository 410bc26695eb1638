package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.formula.Primitive;
import io.github.cortado.backend.formula.Program;
import io.github.cortado.backend.formula.Program.Step;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the byte code of a {@link Loop} for some arithmetic steps: what they read is loaded once,
 * what lies between them is never stored. The same operations in the same order as {@link Loops},
 * and so the same bits.
 */
final class LoopWriter {
    private static final String VECTOR = "jdk/incubator/vector/Vector";
    private static final String FLOATS = "jdk/incubator/vector/FloatVector";
    private static final String MASK = "jdk/incubator/vector/VectorMask";
    private static final String SPECIES = "jdk/incubator/vector/VectorSpecies";
    private static final String OPERATORS = "jdk/incubator/vector/VectorOperators";
    private static final String COMPARISON = OPERATORS + "$Comparison";
    private static final String HERE = LoopWriter.class.getPackageName().replace('.', '/') + "/";
    private static final String BLOCK = HERE + "Block";
    private static final String LANES = Lanes.class.getName().replace('.', '/');
    private static final String UNARY = "()L" + FLOATS + ";";
    private static final String BINARY = "(L" + VECTOR + ";)L" + FLOATS + ";";
    private static final String TERNARY = "(L" + VECTOR + ";L" + VECTOR + ";)L" + FLOATS + ";";

    // Instructions, by their names in the specification.
    private static final int ICONST_0 = 3;
    private static final int FCONST_0 = 11;
    private static final int FCONST_1 = 12;
    private static final int SIPUSH = 17;
    private static final int ILOAD = 21;
    private static final int ALOAD = 25;
    private static final int FALOAD = 48;
    private static final int ISTORE = 54;
    private static final int ASTORE = 58;
    private static final int IADD = 96;
    private static final int IINC = 132;
    private static final int IF_ICMPGE = 162;
    private static final int GOTO = 167;
    private static final int RETURN = 177;
    private static final int GETSTATIC = 178;
    private static final int INVOKEVIRTUAL = 182;
    private static final int INVOKESPECIAL = 183;
    private static final int INVOKESTATIC = 184;

    private final Program program;
    private final List<Step> steps;
    private final List<Integer> kept;
    private final ClassFile file = new ClassFile();
    private final ByteArrayOutputStream code = new ByteArrayOutputStream();
    private final List<String> locals = new ArrayList<>();

    /**
     * Local variables: of arrays and offsets by place, and of the vector that a place has now; 0 is
     * none.
     */
    private final int[] arrays;

    private final int[] vectors;

    private LoopWriter(Program program, List<Step> steps, List<Integer> kept) {
        this.program = program;
        this.steps = steps;
        this.kept = kept;
        arrays = new int[program.places()];
        vectors = new int[program.places()];
    }

    /**
     * A loop for these steps.
     *
     * @param kept places whose values are needed afterwards
     * @throws ReflectiveOperationException if Java does not take it
     */
    static Loop loop(Program program, List<Step> steps, List<Integer> kept)
            throws ReflectiveOperationException {
        byte[] bytes = new LoopWriter(program, steps, kept).bytes();
        return (Loop)
                MethodHandles.lookup()
                        .defineHiddenClass(bytes, true)
                        .lookupClass()
                        .getDeclaredConstructor()
                        .newInstance();
    }

    private byte[] bytes() {
        locals.addAll(List.of(HERE + "Generated", BLOCK, "[F", "int"));
        List<Integer> read = read();
        for (int place : read) {
            if (isNumber(place)) {
                number(place);
            } else {
                array(place);
            }
        }
        kept.stream().filter(place -> arrays[place] == 0).forEach(this::array);
        int zero = local(FLOATS);
        int one = local(FLOATS);
        broadcast(() -> code.write(FCONST_0), zero);
        broadcast(() -> code.write(FCONST_1), one);
        int i = local("int");
        code.write(ICONST_0);
        store(ISTORE, i);
        int top = code.size();
        List<String> types = List.copyOf(locals);
        load(ILOAD, i);
        load(ILOAD, 3);
        int exit = code.size();
        branch(IF_ICMPGE, 0);
        for (int place : read) {
            if (!isNumber(place)) {
                fromArray(place, i);
            }
        }
        for (Step s : steps) {
            step(s, zero, one);
        }
        for (int place : kept) {
            intoArray(place, i);
        }
        code.write(IINC);
        code.write(i);
        code.write(Lanes.VL);
        branch(GOTO, top - code.size());
        int end = code.size();
        code.write(RETURN);
        byte[] run = code.toByteArray();
        int jump = end - exit;
        run[exit + 1] = (byte) (jump >> 8);
        run[exit + 2] = (byte) jump;
        String run4 = "(L" + BLOCK + ";[FI)V";
        return file.bytes(
                HERE + "Generated",
                HERE + "Loop",
                constructor(),
                new ClassFile.Method("run", run4, run, 6, locals.size(), top, end, types));
    }

    private ClassFile.Method constructor() {
        int parent = file.method(HERE + "Loop", "<init>", "()V");
        byte[] body = {
            ALOAD, 0, (byte) INVOKESPECIAL, (byte) (parent >> 8), (byte) parent, (byte) RETURN
        };
        return new ClassFile.Method("<init>", "()V", body, 1, 1, 0, 0, List.of());
    }

    /** Places that are read before they are written. */
    private List<Integer> read() {
        List<Integer> read = new ArrayList<>();
        List<Integer> written = new ArrayList<>();
        for (Step s : steps) {
            int[] operands = {s.a(), s.b(), s.c()};
            for (int k = 0; k < s.primitive().arity(); k++) {
                if (!written.contains(operands[k]) && !read.contains(operands[k])) {
                    read.add(operands[k]);
                }
            }
            written.add(s.to());
        }
        return read;
    }

    private boolean isNumber(int place) {
        return place >= program.formula().inputs() && place < program.firstRegister();
    }

    private int local(String type) {
        locals.add(type);
        if (locals.size() > 250) {
            throw new IllegalStateException("a loop of so many steps is not written");
        }
        return locals.size() - 1;
    }

    private void number(int place) {
        int vector = local(FLOATS);
        broadcast(
                () -> {
                    load(ALOAD, 2);
                    push(place - program.formula().inputs());
                    code.write(FALOAD);
                },
                vector);
        vectors[place] = vector;
    }

    private void broadcast(Runnable number, int vector) {
        species();
        number.run();
        invoke(INVOKESTATIC, FLOATS, "broadcast", "(L" + SPECIES + ";F)L" + FLOATS + ";");
        store(ASTORE, vector);
    }

    private void species() {
        operand(GETSTATIC, file.field(LANES, "SPECIES", "L" + SPECIES + ";"));
    }

    /** The array of a place, and in the next variable where in it the block begins. */
    private void array(int place) {
        arrays[place] = local("[F");
        local("int");
        load(ALOAD, 1);
        push(place);
        invoke(INVOKEVIRTUAL, BLOCK, "array", "(I)[F");
        store(ASTORE, arrays[place]);
        load(ALOAD, 1);
        push(place);
        invoke(INVOKEVIRTUAL, BLOCK, "offset", "(I)I");
        store(ISTORE, arrays[place] + 1);
    }

    private void address(int place, int i) {
        load(ALOAD, arrays[place]);
        load(ILOAD, arrays[place] + 1);
        load(ILOAD, i);
        code.write(IADD);
    }

    private void fromArray(int place, int i) {
        species();
        address(place, i);
        invoke(INVOKESTATIC, FLOATS, "fromArray", "(L" + SPECIES + ";[FI)L" + FLOATS + ";");
        define(place);
    }

    private void intoArray(int place, int i) {
        load(ALOAD, vectors[place]);
        address(place, i);
        invoke(INVOKEVIRTUAL, FLOATS, "intoArray", "([FI)V");
    }

    private void define(int place) {
        int vector = local(FLOATS);
        store(ASTORE, vector);
        vectors[place] = vector;
    }

    private void step(Step s, int zero, int one) {
        Primitive p = s.primitive();
        switch (p) {
            case NEG, ABS, SQRT -> {
                vector(s.a());
                invoke(INVOKEVIRTUAL, FLOATS, name(p), UNARY);
            }
            case ADD, SUB, MUL, DIV, MIN, MAX -> {
                vector(s.a());
                vector(s.b());
                invoke(INVOKEVIRTUAL, FLOATS, name(p), BINARY);
            }
            case FMA -> {
                vector(s.a());
                vector(s.b());
                vector(s.c());
                invoke(INVOKEVIRTUAL, FLOATS, "fma", TERNARY);
            }
            case GREATER -> {
                load(ALOAD, zero);
                load(ALOAD, one);
                vector(s.a());
                isAbove(() -> vector(s.b()));
            }
            case SELECT -> {
                vector(s.c());
                vector(s.b());
                vector(s.a());
                isAbove(() -> load(ALOAD, zero));
            }
            default -> throw new IllegalArgumentException(p + " is no arithmetic");
        }
        define(s.to());
    }

    /** x, y, a on the stack: y where a is above b, else x. */
    private void isAbove(Runnable b) {
        operand(GETSTATIC, file.field(OPERATORS, "GT", "L" + COMPARISON + ";"));
        b.run();
        String compared = "(L" + COMPARISON + ";L" + VECTOR + ";)L" + MASK + ";";
        invoke(INVOKEVIRTUAL, FLOATS, "compare", compared);
        invoke(INVOKEVIRTUAL, FLOATS, "blend", "(L" + VECTOR + ";L" + MASK + ";)L" + FLOATS + ";");
    }

    private static String name(Primitive p) {
        return switch (p) {
            case NEG -> "neg";
            case ABS -> "abs";
            case SQRT -> "sqrt";
            case ADD -> "add";
            case SUB -> "sub";
            case MUL -> "mul";
            case DIV -> "div";
            case MIN -> "min";
            case MAX -> "max";
            default -> throw new IllegalArgumentException(p + " has no method of its own");
        };
    }

    private void vector(int place) {
        load(ALOAD, vectors[place]);
    }

    private void load(int instruction, int local) {
        code.write(instruction);
        code.write(local);
    }

    private void store(int instruction, int local) {
        code.write(instruction);
        code.write(local);
    }

    private void push(int value) {
        operand(SIPUSH, value);
    }

    private void branch(int instruction, int distance) {
        operand(instruction, distance);
    }

    private void invoke(int instruction, String owner, String name, String descriptor) {
        operand(instruction, file.method(owner, name, descriptor));
    }

    private void operand(int instruction, int value) {
        code.write(instruction);
        code.write(value >> 8);
        code.write(value);
    }
}
