//! A browser without script: it keeps cookies, follows redirects one at a time and posts forms.

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use url::Url;

/// The script of our pages that post themselves.
const POSTS_ITSELF: &str = "/assets/post.js";

/// A person's browser, with cookies of its own.
pub struct Browser {
    client: reqwest::Client,
}

/// What a browser was shown.
#[derive(Debug)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// The address.
    pub url: Url,
    /// Where it redirects to, absolute.
    pub location: Option<Url>,
    /// The content.
    pub body: String,
}

/// A form on a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is posted to.
    pub action: Url,
    /// Its fields in order.
    pub fields: Vec<(String, String)>,
}

impl Default for Browser {
    fn default() -> Self {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .expect("a client");
        Self { client }
    }
}

impl Browser {
    /// Opens an address. Redirects are not followed.
    pub async fn open(&self, url: &str) -> Page {
        Page::read(self.client.get(url).send().await.expect("an answer")).await
    }

    /// Opens an address and follows redirects, ten at most, until a page is shown.
    pub async fn visit(&self, url: &str) -> Page {
        self.follow(self.open(url).await).await
    }

    /// Posts a form, then the form of each answer that is a page which posts itself, as its script
    /// does in a browser (DESIGN 6), three at most. Redirects are not followed.
    pub async fn post(&self, form: &Form) -> Page {
        let mut page = self.post_once(form).await;
        for _ in 0..3 {
            if !page.body.contains(POSTS_ITSELF) {
                return page;
            }
            page = self.post_once(&page.form()).await;
        }
        panic!("more than three pages that post themselves: {page:?}");
    }

    /// Posts a form and follows redirects until a page is shown.
    pub async fn submit(&self, form: &Form) -> Page {
        self.follow(self.post(form).await).await
    }

    /// Posts a form, and nothing else.
    pub async fn post_once(&self, form: &Form) -> Page {
        let request = self.client.post(form.action.clone()).form(&form.fields);
        Page::read(request.send().await.expect("an answer")).await
    }

    async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(location) = &page.location else { return page };
            page = self.open(location.as_str()).await;
        }
        panic!("more than ten redirects: {page:?}");
    }
}

impl Page {
    async fn read(answer: Response) -> Self {
        let (status, url) = (answer.status(), answer.url().clone());
        let location = answer
            .headers()
            .get(LOCATION)
            .map(|to| url.join(to.to_str().expect("a readable Location")).expect("a valid one"));
        Self { status, url, location, body: answer.text().await.expect("a body") }
    }

    /// The first form of the page.
    ///
    /// # Panics
    /// There is none.
    pub fn form(&self) -> Form {
        let (_, html) =
            self.body.split_once("<form").unwrap_or_else(|| panic!("no form: {self:#?}"));
        let html = html.split("</form").next().unwrap_or_default();
        let (head, inner) = html.split_once('>').expect("a complete tag");
        let action = attribute(head, "action").unwrap_or_default();
        let fields = inner
            .split("<input")
            .skip(1)
            .filter_map(|input| {
                let tag = input.split('>').next()?;
                Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
            })
            .collect();
        Form { action: self.url.join(&action).expect("a valid action"), fields }
    }
}

impl Form {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The value of an attribute in the text of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    let mut text = value.to_owned();
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x2F;", "/"), ("&#47;", "/")]
    {
        text = text.replace(entity, character);
    }
    for (entity, character) in [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    Some(text)
}
