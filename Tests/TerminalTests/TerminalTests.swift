import Testing

/// What only a real terminal can show. Serialized: each test keeps a program and a thread busy waiting for it.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TerminalTests {}
