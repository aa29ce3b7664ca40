package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import net.schmizz.sshj.common.LoggerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * sshj's loggers one level quieter: it reports as warnings and errors what here is thrown, or repaired and reported as the
 * state of a tunnel.
 */
final class QuietLoggers implements LoggerFactory {

    @Override
    public Logger getLogger(String name) {
        return new Quiet(org.slf4j.LoggerFactory.getLogger(name));
    }

    @Override
    public Logger getLogger(Class<?> type) {
        return getLogger(type.getName());
    }

    private static final class Quiet extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;

        private final transient Logger target;

        Quiet(Logger target) {
            this.target = target;
            this.name = target.getName();
        }

        @Override
        public boolean isTraceEnabled() {
            return target.isTraceEnabled();
        }

        @Override
        public boolean isDebugEnabled() {
            return target.isTraceEnabled();
        }

        @Override
        public boolean isInfoEnabled() {
            return target.isDebugEnabled();
        }

        @Override
        public boolean isWarnEnabled() {
            return target.isDebugEnabled();
        }

        @Override
        public boolean isErrorEnabled() {
            return target.isDebugEnabled();
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String pattern,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            String message = MessageFormatter.basicArrayFormat(pattern, arguments);
            if (level.toInt() >= Level.INFO.toInt()) {
                target.debug(message, thrown);
            } else {
                target.trace(message, thrown);
            }
        }
    }
}
