//! The independent states of a record: whether somebody has bought, has an account, is let in.

/// Whether somebody has bought yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Lifecycle {
    /// Gave an e-mail address, bought nothing yet (CU-3).
    Lead,
    /// Has placed an order (CU-1).
    Customer,
}

impl Lifecycle {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Customer => "customer",
        }
    }
}

/// Whether somebody has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Registration {
    /// Without one.
    Guest,
    /// With one.
    Registered,
}

impl Registration {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Registered => "registered",
        }
    }
}

/// Whether the doors of the realm are open to somebody (ID-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Standing {
    /// They are.
    Active,
    /// They are not.
    Inactive,
}

impl Standing {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}
