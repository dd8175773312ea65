//! Answers: a body with its status, version and whether it was given before.
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::problem::Problem;

/// Marks an answer that was stored under the request's idempotency key.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A resource whose every change has a number, which is its `ETag`.
pub trait Versioned {
    fn version(&self) -> i64;
}

/// A JSON answer.
pub struct Answer<T> {
    /// What is answered.
    pub body: T,
    status: StatusCode,
    version: Option<i64>,
    replayed: bool,
    location: Option<String>,
}

impl<T> Answer<T> {
    /// 200 with `body`.
    pub fn new(body: T) -> Self {
        Self { body, status: StatusCode::OK, version: None, replayed: false, location: None }
    }

    /// What a service answered, in the API's shape.
    pub fn of<M: Into<T>>(response: tonic::Response<M>) -> Self {
        Self::mapped(response, M::into)
    }

    /// What a service answered, put into the API's shape by `shape`.
    pub fn mapped<M>(response: tonic::Response<M>, shape: impl FnOnce(M) -> T) -> Self {
        let replayed = response.metadata().contains_key(REPLAYED.as_str());
        Self { replayed, ..Self::new(shape(response.into_inner())) }
    }

    /// With another status.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// 201 with the address of what was made.
    pub fn created(self, location: String) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..self }
    }

    /// 202 with the address of the job that was begun.
    pub fn accepted(self, location: String) -> Self {
        Self { status: StatusCode::ACCEPTED, location: Some(location), ..self }
    }

    /// The same answer with a body made of this one.
    pub fn map<U>(self, shape: impl FnOnce(T) -> U) -> Answer<U> {
        let Self { body, status, version, replayed, location } = self;
        Answer { body: shape(body), status, version, replayed, location }
    }
}

impl<T: Versioned> Answer<T> {
    /// With the body's version as `ETag`.
    pub fn tagged(self) -> Self {
        Self { version: Some(self.body.version()), ..self }
    }
}

/// What a HEAD gets where a GET has an effect: 405 with the methods that are taken.
pub fn only_by(methods: &'static str) -> Response {
    let mut response = Problem::of_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
    response
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        if let Some(version) = self.version
            && let Ok(tag) = HeaderValue::try_from(format!("\"{version}\""))
        {
            headers.insert(header::ETAG, tag);
        }
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(Ok(location)) = self.location.map(HeaderValue::try_from) {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}
