// Who sees the page to log in is logged in nowhere in this browser: no tab keeps an open key.

import { lockEverywhere } from "../keys/everywhere.js";

lockEverywhere();
