"""Meta's limits for what is said inside the 24-hour window, in characters (facts: interactive messages).

https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-reply-buttons-messages
"""

TEXT_LIMIT = 4096  # of a message that is text alone, and of a list's body
BODY_LIMIT = 1024  # beside buttons, a link or a location request, and of a caption
HEADER_LIMIT = 60
FOOTER_LIMIT = 60
BUTTON_TITLE_LIMIT = 20  # also of a link's button and of the button that opens a list
ROW_TITLE_LIMIT = 24
ROW_DESCRIPTION_LIMIT = 72
BUTTON_ID_LIMIT = 256
ROW_ID_LIMIT = 200
URL_LIMIT = 2000
MOST_BUTTONS = 3
MOST_ROWS = 10
MOST_PRODUCTS = 30
