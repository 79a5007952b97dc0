use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::app::App;
use crate::error::PageResult;
use crate::ui::{self, Layout};

/// How a caller says who it is.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An opaque token for one supplier and one employing organisation, made by the organisation's administrator under \
                 Administration, Suppliers' tokens.",
            ))
            .build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Changeover: employment checks of doctors in training",
        version = "1.0.0",
        description = "A recruitment system gets the doctors whom the deanery has sent to an employer, and supplements them with employment \
                       checks: Get and Set. A token has 50 calls at once and 10 more each second. Refusals are problem+json (RFC 9457) \
                       and name each field, its value and what to do. Dates are YYYY-MM-DD.",
        license(name = "MIT", identifier = "MIT"),
    ),
    paths(super::list, super::get_all, super::get_one, super::set),
    modifiers(&Token),
    tags((name = "Employment checks", description = "The six NHS Employment Check Standards"))
)]
struct Document;

/// The description of the interface, for machines.
pub async fn document(app: Data<App>) -> HttpResponse {
    let mut document = Document::openapi();
    let origin = app.config.base_url.as_str().trim_end_matches('/').to_owned();
    document.servers = Some(vec![utoipa::openapi::Server::new(origin)]);
    HttpResponse::Ok().json(document)
}

/// One operation, as the page lists it.
struct Operation {
    method: String,
    path: String,
    summary: String,
    answers: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "employment_checks/reference.html")]
struct ReferencePage {
    layout: Layout,
    title: String,
    about: String,
    operations: Vec<Operation>,
    example: String,
}

/// The same for people, made from the description.
pub async fn reference(request: actix_web::HttpRequest) -> PageResult {
    let value =
        serde_json::to_value(Document::openapi()).map_err(|error| crate::error::PageError::unexpected(&error))?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut operations = Vec::new();
    for (path, methods) in value["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let answers = operation["responses"].as_object().into_iter().flatten();
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: text(&operation["summary"]),
                answers: answers.map(|(code, answer)| (code.clone(), text(&answer["description"]))).collect(),
            });
        }
    }
    let example = &value["components"]["schemas"]["SetCheck"]["example"];
    let page = ReferencePage {
        layout: crate::access::public_layout(&request),
        title: text(&value["info"]["title"]),
        about: text(&value["info"]["description"]),
        operations,
        example: serde_json::to_string_pretty(example).unwrap_or_default(),
    };
    Ok(ui::page(StatusCode::OK, &page))
}
