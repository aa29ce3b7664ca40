package org.jlab.jiriaf.jrm.deploy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a deployer and its backends, counts the calls, and spoils one of them: it fails, its answer is lost, or the
 * process dies before or after it; or all calls fail from one on, as if the backend had died.
 */
final class Faults {

    /** What can happen to a call. */
    enum Kind {
        /** It fails and does nothing. */
        FAILS,
        /** It does what it should, and its answer is lost. */
        ANSWER_LOST,
        /** The process dies before it. */
        KILLED_BEFORE,
        /** The process dies after it. */
        KILLED_AFTER,
        /** It fails, and its backend does not answer any more. */
        BACKEND_DIES,
        /** It succeeds, and just before it somebody else does something. */
        OTHERS_STEP_IN;
    }

    /** The end of a process, which nothing in it can catch. */
    static final class Killed extends Error {

        private static final long serialVersionUID = 1L;

        Killed(String where) {
            super("killed at " + where);
        }
    }

    private final List<String> calls = new ArrayList<>();
    private int spoiled = Integer.MAX_VALUE;
    private Kind kind = Kind.FAILS;
    private @Nullable String deadBackend;
    private boolean killed;
    private Runnable others = () -> {};

    /** The calls so far, such as {@code WorkflowStore.add}. */
    List<String> calls() {
        return calls;
    }

    void failAt(int call) {
        spoil(call, Kind.FAILS);
    }

    /** From this call on the backend that it goes to does not answer any more. */
    void dieAt(int call) {
        spoil(call, Kind.BACKEND_DIES);
    }

    /** Spoils one call, counted from the first one ever. */
    void spoil(int call, Kind how) {
        spoiled = call;
        kind = how;
    }

    /** What somebody else does at a call that is spoiled so. */
    void othersDo(Runnable what) {
        others = what;
    }

    void revive() {
        spoiled = Integer.MAX_VALUE;
        deadBackend = null;
    }

    <T> T between(Class<T> type, T backend) {
        return between(type, type.getSimpleName(), backend);
    }

    private <T> T between(Class<T> type, String backendName, T backend) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.invoke(backend, arguments);
                    }
                    boolean part = method.getReturnType().isInterface()
                            && method.getReturnType().getPackageName().startsWith("org.jlab.jiriaf.jrm");
                    if (part && method.getParameterCount() == 0) {
                        // What hands out a part of the backend does not talk to it yet.
                        return wrap(method.getReturnType(), backendName, invoke(backend, method, arguments));
                    }
                    String call = type.getSimpleName() + "." + method.getName();
                    calls.add(call);
                    boolean now = calls.size() - 1 == spoiled;
                    if (killed || (now && kind == Kind.KILLED_BEFORE)) {
                        killed = true;
                        throw new Killed(call);
                    }
                    if (now && kind == Kind.OTHERS_STEP_IN) {
                        others.run();
                    }
                    if (now && kind == Kind.BACKEND_DIES) {
                        deadBackend = backendName;
                    }
                    if (backendName.equals(deadBackend) || (now && kind == Kind.FAILS)) {
                        throw failure(call);
                    }
                    Object result = invoke(backend, method, arguments);
                    if (now && kind == Kind.KILLED_AFTER) {
                        killed = true;
                        throw new Killed(call);
                    }
                    if (now && kind == Kind.ANSWER_LOST) {
                        throw failure(call);
                    }
                    return part && result != null ? wrap(method.getReturnType(), backendName, result) : result;
                });
        return type.cast(proxy);
    }

    private static JrmException failure(String call) {
        return new JrmException(call + " failed on purpose", null, true);
    }

    private <T> Object wrap(Class<T> type, String backendName, @Nullable Object backend) {
        return between(type, backendName, type.cast(Objects.requireNonNull(backend)));
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
