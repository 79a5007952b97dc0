//! Pages that anybody may read, signed in or not.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::access::public_layout;
use crate::inbox::views::{AccessibilityPage, ContactPage, HelpPage, PrivacyPage};
use crate::ui;

pub async fn help(request: HttpRequest) -> HttpResponse {
    ui::page(StatusCode::OK, &HelpPage { layout: public_layout(&request) })
}

pub async fn contact(request: HttpRequest) -> HttpResponse {
    ui::page(StatusCode::OK, &ContactPage { layout: public_layout(&request) })
}

pub async fn privacy(request: HttpRequest) -> HttpResponse {
    ui::page(StatusCode::OK, &PrivacyPage { layout: public_layout(&request) })
}

pub async fn accessibility(request: HttpRequest) -> HttpResponse {
    ui::page(StatusCode::OK, &AccessibilityPage { layout: public_layout(&request) })
}
