//! Wrong input, foreign credentials and weaker roles: whatever comes in, the answer is a documented one.
mod audited;
mod deeds;
mod document;
mod driven;
mod matrix;
mod oracles;
mod parsers;
mod personal;
mod replay;
mod street;
