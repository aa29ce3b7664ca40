package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import net.schmizz.sshj.userauth.method.ChallengeResponseProvider;
import net.schmizz.sshj.userauth.password.Resource;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.login.LoginPrompt;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * Answers what servers ask at log-in. A question for the password alone is answered with the route's password, if it has
 * one; every other goes to the prompt, whose answer to a server is never sent twice.
 */
public final class LoginAnswers {

    private final LoginPrompt prompt;
    private final Map<SshHop, Secret> lastCode = new ConcurrentHashMap<>();

    public LoginAnswers(LoginPrompt prompt) {
        this.prompt = prompt;
    }

    ChallengeResponseProvider forHop(ResolvedHop hop, @Nullable Secret password) {
        return new ChallengeResponseProvider() {
            private boolean passwordSent;

            @Override
            public List<String> getSubmethods() {
                return List.of();
            }

            @Override
            @SuppressWarnings("rawtypes") // as sshj declares it
            public void init(Resource resource, String name, String instruction) {
                // What is asked says enough.
            }

            @Override
            public char[] getResponse(String text, boolean echo) {
                if (password != null && !passwordSent && asksForPasswordAlone(text)) {
                    passwordSent = true;
                    return password.reveal().toCharArray();
                }
                return code(hop.given(), text, echo).orElse("").toCharArray();
            }

            @Override
            public boolean shouldRetry() {
                return false;
            }
        };
    }

    private static boolean asksForPasswordAlone(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("password")
                && !lower.contains("otp")
                && !lower.contains("+")
                && !lower.contains("one-time");
    }

    private Optional<String> code(SshHop hop, String text, boolean echo) {
        Optional<Secret> answer = prompt.answer(hop, text, echo);
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        Secret before = lastCode.put(hop, answer.get());
        return answer.get().equals(before) ? Optional.empty() : answer.map(Secret::reveal);
    }
}
