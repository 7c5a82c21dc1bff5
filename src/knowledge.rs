//! What a code, status, keyword, verb, record or provider text means, and what to do next.
