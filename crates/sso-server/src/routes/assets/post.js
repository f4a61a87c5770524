// Posts the one form of the page. Without scripts its button does the same.
"use strict";
HTMLFormElement.prototype.submit.call(document.forms[0]);
