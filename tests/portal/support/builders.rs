use changeover::access::{Right, store};
use changeover::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use chrono::NaiveDate;
use uuid::Uuid;

use super::client::{Rights, Visitor};
use super::running::Portal;

/// The password of every user that a test makes.
pub const PASSWORD: &str = "a long password for tests";

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct User {
    pub user_id: Uuid,
    pub username: String,
}

impl Portal {
    /// Makes an organisation known, if it is not yet.
    pub async fn organisation(&self, vpd: &str, name: &str) {
        sqlx::query("insert into vpds (vpd, name) values ($1, $2) on conflict (vpd) do nothing")
            .bind(vpd)
            .bind(name)
            .execute(&self.owner)
            .await
            .unwrap();
    }

    /// Makes a user with these rights in an organisation; the name is made up.
    pub async fn user(&self, vpd: &str, rights: impl Rights) -> User {
        let number = self.count("select count(*) from users").await + 1;
        self.user_named(&format!("user{number}"), vpd, rights).await
    }

    pub async fn user_named(&self, username: &str, vpd: &str, rights: impl Rights) -> User {
        let user_id = Uuid::now_v7();
        let hash = self.passwords.hash(PASSWORD.to_owned()).await.unwrap();
        let (name, email) = (format!("Test {username}"), format!("{username}@trust.example"));
        let mut tx = self.app.db.system().await.unwrap();
        assert!(store::insert(&mut tx, user_id, username, &name, &email, self.app.now()).await.unwrap());
        store::save_password(&mut tx, user_id, &hash, self.app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let user = User { user_id, username: username.to_owned() };
        self.grant(&user, vpd, rights).await;
        user
    }

    /// Gives a user rights in an organisation, which is made known if need be.
    pub async fn grant(&self, user: &User, vpd: &str, rights: impl Rights) {
        self.organisation(vpd, &format!("Trust {vpd}")).await;
        let mut tx = self.app.db.system().await.unwrap();
        for right in rights.list() {
            store::grant(&mut tx, &vpd.parse().unwrap(), user.user_id, right, "test", self.app.now()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.base)
    }

    /// A new user with these rights, signed in and acting for the organisation.
    pub async fn sign_in(&self, vpd: &str, rights: impl Rights) -> Visitor {
        let user = self.user(vpd, rights).await;
        self.sign_in_as(&user).await
    }

    /// Signs a user in through the page.
    pub async fn sign_in_as(&self, user: &User) -> Visitor {
        let visitor = self.visitor();
        visitor.get("/sign-in").await.assert_ok();
        visitor
            .post("/sign-in", [("username", user.username.as_str()), ("password", PASSWORD)])
            .await
            .assert_redirect();
        visitor.forget_csrf();
        visitor
    }

    /// An item of a message, to be changed and then raised.
    pub fn item(&self, vpd: &str, title: &str) -> ItemBuilder<'_> {
        let subject = format!("test:{title}");
        ItemBuilder {
            portal: self,
            vpd: vpd.to_owned(),
            message: MessageDraft {
                kind: MessageType::DitApp,
                title: MessageType::DitApp.label().to_owned(),
                dedupe_key: "test".to_owned(),
                file: None,
                body_code: None,
                dated_on: self.app.today(),
            },
            item: ItemDraft::new("dit_app_failed", Right::MedicalStaffingOfficer, ItemClass::Action, subject, title),
        }
    }
}

/// An item on its way into an inbox.
pub struct ItemBuilder<'a> {
    portal: &'a Portal,
    vpd: String,
    pub message: MessageDraft,
    pub item: ItemDraft,
}

impl ItemBuilder<'_> {
    /// The message's title and key; items of one key share a message.
    pub fn of_message(mut self, key: &str, title: &str) -> Self {
        self.message.dedupe_key = key.to_owned();
        self.message.title = title.to_owned();
        self
    }

    pub fn for_role(mut self, role: Right) -> Self {
        self.item.role = role;
        self
    }

    pub fn about(mut self, person: &str) -> Self {
        self.item.person_name = Some(person.to_owned());
        self
    }

    pub fn starting_on(mut self, date: NaiveDate) -> Self {
        self.item.takes_effect_on = Some(date);
        self
    }

    /// Raises it, and gives the item's id.
    pub async fn raise(self) -> Uuid {
        self.portal.organisation(&self.vpd, &format!("Trust {}", self.vpd)).await;
        let now = self.portal.app.now();
        let mut tx = self.portal.begin(&self.vpd).await;
        let message =
            notifications::raise(&mut tx, &self.message, std::slice::from_ref(&self.item), now).await.unwrap();
        tx.commit().await.unwrap();
        sqlx::query_scalar("select item_id from items where message_id = $1 and subject_key = $2")
            .bind(message)
            .bind(&self.item.subject_key)
            .fetch_one(&self.portal.owner)
            .await
            .unwrap()
    }
}
