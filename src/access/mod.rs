//! Who is calling, and what they may do: sign-in, sessions, passwords, permissions.
