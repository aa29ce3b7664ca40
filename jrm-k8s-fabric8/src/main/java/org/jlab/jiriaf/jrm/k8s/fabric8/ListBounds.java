package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.ListMeta;
import java.util.Locale;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jspecify.annotations.Nullable;

/** How much of a list is read that comes in pages. For one list. */
final class ListBounds {

    /** A cluster has up to 5000 nodes, which is ten pages. */
    static final int MAX_PAGES = 100;

    private final int maxPages;
    private int pages;

    ListBounds(int maxPages) {
        this.maxPages = maxPages;
    }

    /**
     * Token that asks for the next page.
     *
     * @param page the page that has come
     * @return the token, or empty after the last page
     * @throws NodeException if the list has too many pages
     */
    String next(@Nullable ListMeta page) {
        String token = page == null ? null : page.getContinue();
        if (token == null || token.isEmpty()) {
            return "";
        }
        pages++;
        if (pages >= maxPages) {
            throw tooManyPages(maxPages);
        }
        return token;
    }

    /** The failure, which does not name the server yet. */
    static NodeException tooManyPages(int max) {
        return new NodeException(
                String.format(
                        Locale.ROOT,
                        "the list does not end after %d pages, which no API server sends. Check `server` in the kubeconfig:"
                                + " is it an API server?",
                        max),
                null,
                false);
    }
}
