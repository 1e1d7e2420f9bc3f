package main

import (
	"golang.org/x/text/encoding/charmap"
)

// outlookOfOtherLanguages are exports of Outlook for the desktop. It writes in
// the code page and with the list separator of its Windows.
func outlookOfOtherLanguages() []file {
	return []file{
		{
			name: "outlook-german.csv", program: "Outlook (desktop, German)", charset: charmap.Windows1252, comma: ";", quote: valuesOnly,
			usual: map[string]string{"E-Mail-Typ": "SMTP", "Geschlecht": "Keine Angabe", "Priorität": "Normal", "Privat": "Aus", "Vertraulichkeit": "Normal"},
			rows: []row{
				{
					"Anrede": "Herr", "Vorname": "Jürgen", "Nachname": "Größmann", "Firma": "Größmann & Söhne GmbH; Elektro", "Position": "Meister", "Straße geschäftlich": "Musterstraße 1",
					"Telefon geschäftlich": "+49 (0) 30 23125 201", "Mobiltelefon": "+49 171 3920031", "Telefon (privat)": "+49 30 23125 202",
					"E-Mail-Adresse": "j.groessmann@groessmann.example.com", "E-Mail: Angezeigter Name": "Jürgen Größmann (j.groessmann@groessmann.example.com)",
					"Sozialversicherungsnr.": "00 010100 X 000", "Notizen": "Rechnung \"netto\";\r\nZahlung in 14 Tagen", "Webseite": "https://groessmann.example.com",
				},
				{
					"Anrede": "Frau", "Vorname": "Zoë", "Nachname": "Öztürk-Weiß", "Firma": "Weiß Übersetzungen", "E-Mail-Adresse": "zoe@weiss.example.org",
					"E-Mail 2: Adresse": "zoe@example.net", "Benutzer 1": "Türcode 4711", "Partner": "Ali", "Geburtstag": "12.5.1984",
				},
				{
					"Anrede": "Herr", "Vorname": "Käthe", "Nachname": "Müßig", "Firma": "Maßarbeit", "E-Mail-Adresse": "kaethe.muessig(at)example.com", "Mobiltelefon": "+49 171 3920032",
					"Sozialversicherungsnr.": "00 020200 X 000",
				},
			},
		},
		{
			name: "outlook-french.csv", program: "Outlook (desktop, French)", charset: charmap.Windows1252, comma: ";", quote: valuesOnly,
			rename: func(header string) string {
				if header == "Société" {
					return "Société " // as it was seen
				}
				return header
			},
			usual: map[string]string{"Type de messagerie": "SMTP", "Sexe": "Non spécifié", "Priorité": "Normale", "Privé": "Faux", "Critère de diffusion": "Normale"},
			rows: []row{
				{
					"Titre": "Mme", "Prénom": "Hélène", "Nom": "Lefèvre", "Société": "Œuvres & Ateliers", "Titre/2": "Directrice", "Ville (bureau)": "Besançon",
					"Téléphone (bureau)": "+33 1 99 00 02 01", "Tél. mobile": "+33 6 39 98 02 01", "Adresse de messagerie": "helene@oeuvres.example.com",
					"Nom complet de l'adresse de messagerie": "Hélène Lefèvre", "Code gouvernement": "2 00 01 99 000 000", "Page Web": "https://oeuvres.example.com",
				},
				{"Titre": "M.", "Prénom": "François", "Nom": "Garçon", "Société": "L’Été indien", "Adresse de messagerie": "francois@garcon.example.org", "Notes": "Tarif : 450 €\r\npar jour"},
				{"Prénom": "Maëlys", "Nom": "Ñíguez", "Adresse de messagerie": "maelys@example.net", "Téléphone (domicile)": "+33 1 99 00 02 03"},
			},
		},
		{
			name: "outlook-dutch.csv", program: "Outlook (desktop, Dutch)", charset: charmap.Windows1252,
			usual: map[string]string{"E-mailtype": "SMTP", "Geslacht": "Niet opgegeven", "Prioriteit": "Normaal", "Privé": "Onwaar", "Gevoeligheid": "Normaal"},
			rows: []row{
				{
					"Titel": "Mevr.", "Voornaam": "Noëlle", "Achternaam": "van 't Hoff", "Bedrijf": "Van 't Hoff, Advies", "Werkadres, straat": "Voorbeeldweg 1", "Werkadres, plaats": "Coevorden",
					"Telefoon op werk": "+44 20 7946 0141", "Mobiele telefoon": "+44 7700 900141", "E-mailadres": "noelle@vanthoff.example.com", "Sofinummer": "000000012", "Webpagina": "https://vanthoff.example.com",
				},
				{"Voornaam": "Daniël", "Achternaam": "IJsbrandij", "E-mailadres": "daniel@ijsbrandij.example.net", "Notities": "tarief €85, excl. btw"},
				{"Voornaam": "Renée", "Achternaam": "Coördinatie", "E-mailadres": "renee@example.org", "Gebruiker 2": "sleutel 7", "Partner": "Joost"},
			},
		},
		{
			name: "outlook-spanish.csv", program: "Outlook (desktop, Spanish)", charset: charmap.Windows1252, comma: ";", quote: valuesOnly,
			usual: map[string]string{"E-mail Type": "SMTP", "Género": "Sin especificar", "Prioridad": "Normal", "Private": "Falso", "Confidencialidad": "Normal"},
			rows: []row{
				{
					"Nombre": "Íñigo", "Apellidos": "Núñez Ibáñez", "Organización": "Construcciones Núñez, S.L.", "Teléfono del trabajo": "+44 20 7946 0151", "Mobile Phone": "+44 7700 900151",
					"Particular": "+44 20 7946 0152", "E-mail Address": "inigo@nunez.example.com", "Government ID Number": "00000000T", "Página Web": "https://nunez.example.com",
				},
				{"Nombre": "María José", "Segundo nombre": "del Pilar", "Apellidos": "Güell", "E-mail Address": "mj.guell@example.org", "Ciudad de trabajo": "Girona"},
				{"Nombre": "Begoña", "Apellidos": "Peña", "E-mail Address": "begona@pena.example.net", "Usuario 1": "¿renovar en mayo?", "Notes": "llamar por la mañana"},
			},
		},
		{
			name: "outlook-italian.csv", program: "Outlook (desktop, Italian)", charset: charmap.Windows1252, comma: ";", quote: valuesOnly,
			usual: map[string]string{"Tipo posta elettronica": "SMTP", "Sesso": "Non specificato", "Priorità": "Normale", "Privato": "Falso", "Riservatezza": "Normale"},
			rows: []row{
				{
					"Titolo": "Dott.", "Nome": "Niccolò", "Cognome": "D'Aurìa", "Società": "Studio D'Aurìa", "Città (uff.)": "Forlì", "Ufficio": "+44 20 7946 0161", "Cellulare": "+44 7700 900161",
					"Abitazione": "+44 20 7946 0162", "Indirizzo posta elettronica": "niccolo@dauria.example.com", "Cod. Fisc./P. IVA": "XXXXXX00X00X000X", "Pagina Web": "https://dauria.example.com",
				},
				{"Nome": "Zoè", "Cognome": "Perché", "Indirizzo posta elettronica": "zoe.perche@example.org", "Indirizzo posta elettronica 2": "zoe@example.net", "Utente 3": "parcheggio"},
				{"Nome": "Tommaso", "Cognome": "Più", "Società": "Più & Meno S.n.c.", "Indirizzo posta elettronica": "tommaso@piumeno.example.net", "Notes": "fattura a 30 gg"},
			},
		},
	}
}
